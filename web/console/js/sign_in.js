// The first page: a token, and with a shared token (the demo) the choice of a person.
import { api, setPerson } from "./api.js";
import { el, hueOf, initials, replace } from "./dom.js";
import { icon } from "./icons.js";

// The printed address carries the token behind "#", which browsers keep to themselves.
export function tokenFromAddress() {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (!match) return "";
  history.replaceState(null, "", location.pathname);
  return decodeURIComponent(match[1]);
}

// Resolves once signed in.
export function signIn(root, { token = "", note = "" } = {}) {
  setPerson("");
  return new Promise((resolve) => {
    const problem = el("p", { class: "form-problem", role: "alert" });
    const field = el("input", {
      id: "token", name: "token", type: "password", required: true, autocomplete: "current-password", autocapitalize: "off", spellcheck: "false",
    });
    field.value = token;
    const submit = el("button", { type: "submit", class: "button primary wide" }, "Sign in");
    const people = el("div", { class: "people", hidden: true });

    const attempt = async (person) => {
      problem.textContent = "";
      submit.disabled = true;
      try {
        const answer = await api.signIn(field.value.trim(), person);
        if (answer.choose) showPeople(answer.choose);
        else return resolve();
      } catch (error) {
        problem.textContent = error.retryAfter ? `${error.message} Try again in ${error.retryAfter} seconds.` : error.message;
        if (error.status === 401) field.select();
      }
      submit.disabled = false;
    };

    const showPeople = (list) => {
      form.hidden = true;
      people.hidden = false;
      replace(
        people,
        el("h2", {}, "Who are you?"),
        el("p", { class: "quiet" }, "This token lets you be anybody in the directory. You can change later."),
        list.map((person) =>
          el("button", { type: "button", class: "person-row", onclick: () => attempt(person.id) },
            el("span", { class: `picture hue-${hueOf(person.id)}`, "aria-hidden": "true" }, initials(person.name)),
            el("span", { class: "person-name" }, person.name),
            el("span", { class: "quiet" }, person.roles.join(", "))),
        ),
      );
      people.querySelector("button")?.focus();
    };

    const form = el(
      "form",
      { class: "sign-in-form", onsubmit: (event) => { event.preventDefault(); attempt(); } },
      el("label", { for: "token" }, "Sign-in token"),
      field,
      submit,
      el("p", { class: "quiet" }, "Vedette printed it when it started, or an administrator gave it to you."),
    );
    replace(
      root,
      el("main", { id: "main", class: "sign-in", tabindex: "-1" },
        el("div", { class: "sign-in-card" },
          el("img", { src: "/icons/vedette.svg", alt: "", width: 56, height: 56 }),
          el("h1", {}, "Vedette"),
          el("p", { class: "quiet" }, "The SOC analyst that lives in chat."),
          note && el("p", { class: "form-note" }, icon("warning", 16), note),
          form, people, problem)),
    );
    root.className = "";
    document.title = "Sign in · Vedette";
    if (token) attempt();
    else field.focus();
  });
}
