// Line icons, drawn here so that they look the same on every system. All 24 by 24, stroked in the text colour.
const paths = {
  back: ["M15 5l-7 7 7 7"],
  ban: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M5.7 5.700l12.6 12.6"],
  bell: ["M6 10a6 6 0 0112 0c0 6 2 7 2 7H4s2-1 2-7", "M10 20a2 2 0 004 0"],
  bolt: ["M13 2L5 14h6l-1 8 8-12h-6z"],
  bulb: ["M9 18h6", "M10 21h4", "M8.5 15a6 6 0 117 0c-.7.5-1 1.2-1 2h-5c0-.8-.3-1.5-1-2z"],
  channel: ["M9 4L7 20", "M17 4l-2 16", "M4 9h17", "M3 15h17"],
  check: ["M4.5 12.500l5 5 10-11"],
  checked: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M8 12.300l2.8 2.8 5.2-6"],
  clock: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M12 7v5l3.5 2"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  eye: ["M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7z", "M12 9a3 3 0 110 6 3 3 0 010-6z"],
  fold: ["M9 6l6 6-6 6"],
  folder: ["M3 7a2 2 0 012-2h4l2 3h8a2 2 0 012 2v7a2 2 0 01-2 2H5a2 2 0 01-2-2z"],
  failed: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M9 9l6 6", "M15 9l-6 6"],
  hand: ["M7 12V6.500a1.5 1.5 0 013 0V11", "M10 11V4.500a1.5 1.5 0 013 0V11", "M13 11V5.500a1.5 1.5 0 013 0V12", "M16 9.500a1.5 1.5 0 013 0V15a6 6 0 01-6 6h-1c-2.5 0-4-1-5.5-3.500L4 14.500c-.8-1.5 1-2.7 2.2-1.500L7 14"],
  help: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M9.5 9.5a2.5 2.5 0 114 2c-1 .7-1.5 1.2-1.5 2.2", "M12 17h.01"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  moon: ["M20 14.5A8.5 8.5 0 019.5 4 8.5 8.5 0 1020 14.5z"],
  note: ["M5 4h14v16H5z", "M9 9h6", "M9 13h6"],
  out: ["M10 4H6a2 2 0 00-2 2v12a2 2 0 002 2h4", "M15 16l4-4-4-4", "M19 12H9"],
  people: ["M9 5a3.5 3.5 0 110 7 3.5 3.5 0 010-7z", "M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6", "M16 5.5a3.5 3.5 0 010 6.5", "M17.5 14.500c2.3.7 3.7 2.5 4 5.5"],
  person: ["M12 4a4 4 0 110 8 4 4 0 010-8z", "M4.5 20c.5-4 3.5-6 7.5-6s7 2 7.5 6"],
  pin: ["M9 4h6l-1 6 3 3H7l3-3z", "M12 13v7"],
  receipt: ["M6 3h12v18l-3-2-3 2-3-2-3 2z", "M9.5 8h5", "M9.5 12h5"],
  search: ["M10.5 4a6.5 6.5 0 110 13 6.5 6.5 0 010-13z", "M15.5 15.500L20.5 20.5"],
  send: ["M4 12L20 4l-6 16-3-7z"],
  sun: ["M12 8a4 4 0 110 8 4 4 0 010-8z", "M12 2v2", "M12 20v2", "M2 12h2", "M20 12h2", "M5 5l1.5 1.5", "M17.5 17.500L19 19", "M5 19l1.5-1.5", "M17.5 6.500L19 5"],
  theme: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M12 3v18", "M12 8h7", "M12 13h8.5", "M12 17.500h6"],
  thread: ["M4 5h16v10H10l-5 4v-4H4z", "M8 9h8", "M8 12h5"],
  thumb_up: ["M7 11v9H4v-9z", "M7 11l4-8c1.5 0 2.5 1 2.5 2.500L13 9h6a2 2 0 012 2.300l-1.2 7A2 2 0 0117.8 20H7"],
  thumb_down: ["M17 13V4h3v9z", "M17 13l-4 8c-1.5 0-2.5-1-2.5-2.500L11 15H5a2 2 0 01-2-2.300l1.2-7A2 2 0 016.2 4H17"],
  undo: ["M8 5L4 9l4 4", "M4 9h10a5.5 5.5 0 010 11h-4"],
  warning: ["M12 4L2.5 20h19z", "M12 10v4", "M12 17h.01"],
};

export function icon(name, size = 20) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths[name]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
