// Binds behaviours to the elements that name them in data-behaviour, again after every htmx swap.
(() => {
  const known = new Map();
  const bound = new WeakMap();

  function attach(element) {
    const done = bound.get(element) ?? new Set();
    for (const name of element.dataset.behaviour.split(/\s+/)) {
      if (known.has(name) && !done.has(name)) {
        done.add(name);
        known.get(name)(element);
      }
    }
    bound.set(element, done);
  }

  function bind(root) {
    if (root.matches?.("[data-behaviour]")) attach(root);
    root.querySelectorAll("[data-behaviour]").forEach(attach);
  }

  window.accord = {
    behaviour: (name, begin) => known.set(name, begin),
    typing: (target) => target.matches("input, textarea, select, [contenteditable]"),
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (/Mac|iPhone|iPad/.test(navigator.platform)) {
      document.querySelectorAll("[data-key='mod']").forEach((key) => (key.textContent = "⌘"));
    }
    // Where a row of tabs is wider than the screen, the one that is open is in sight.
    document.querySelectorAll(".tabs, .settings-nav, .page-head > nav").forEach((tabs) => {
      const here = tabs.querySelector("[aria-current]");
      if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
    });
    bind(document);
  });
  document.addEventListener("htmx:load", (event) => bind(event.detail.elt));
})();
