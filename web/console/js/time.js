// Times as people read them: local on the page, UTC on hover, because logs are in UTC.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

const utc = (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

function element(date, text) {
  const time = document.createElement("time");
  time.dateTime = date.toISOString();
  time.title = `${utc(date)} (shown in your local time)`;
  time.textContent = text;
  return time;
}

export function timeOfDay(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? document.createTextNode("") : element(date, clock.format(date));
}

export function dateAndTime(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? document.createTextNode("") : element(date, full.format(date));
}

export function dayName(iso) {
  const date = new Date(iso);
  const start = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
  const days = Math.round((start(new Date()) - start(date)) / 86400000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return day.format(date);
}

export function age(iso) {
  const seconds = Math.max(0, Math.round((Date.now() - new Date(iso).getTime()) / 1000));
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}
