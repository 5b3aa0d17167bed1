// Runs before the page is painted, so that a chosen theme never flashes. A classic script on purpose: modules come too late.
"use strict";
(() => {
  const key = "vedette.theme";
  const names = ["auto", "light", "dark"];
  const read = () => {
    try {
      const stored = localStorage.getItem(key);
      return names.includes(stored) ? stored : "auto";
    } catch {
      return "auto"; // storage is blocked: the system's choice is a good one
    }
  };
  const apply = (name) => {
    document.documentElement.dataset.theme = name;
  };
  window.vedetteTheme = {
    get current() {
      return document.documentElement.dataset.theme || "auto";
    },
    next() {
      const name = names[(names.indexOf(this.current) + 1) % names.length];
      apply(name);
      try {
        localStorage.setItem(key, name);
      } catch {
        // Lasts for this page then.
      }
      return name;
    },
  };
  apply(read());
})();
