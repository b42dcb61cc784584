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
    bind(document);
  });
  document.addEventListener("htmx:load", (event) => bind(event.detail.elt));
})();
