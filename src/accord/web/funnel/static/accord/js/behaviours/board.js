// A card dropped on a column or an exit does what its own menu does, so that a pointer is never needed.
{
  let moved = ""; // the menu of the card that was just moved, which keeps the focus on the board that comes

  accord.behaviour("board", (page) => {
    const exits = page.querySelector(".k-exits");
    let card = null;

    const act = (place) =>
      "stage" in place.dataset
        ? [...card.querySelectorAll("button[name='stage']")].find((one) => one.value === place.dataset.stage)
        : card.querySelector(`a[data-exit="${place.dataset.exit}"]`);
    const place = (event) => card && event.target.closest?.("[data-stage], .k-exit");

    function end() {
      page.querySelectorAll("[data-over]").forEach((one) => delete one.dataset.over);
      if (card) delete card.dataset.dragged;
      if (exits) exits.hidden = true;
      card = null;
    }

    // The buttons of all menus belong to one form; each says itself what is sent and where to, which htmx does not ask.
    page.addEventListener("htmx:configRequest", (event) => {
      const by = event.detail.triggeringEvent?.submitter;
      if (!by?.hasAttribute("formaction")) return;
      event.detail.path = by.getAttribute("formaction");
      event.detail.parameters[by.name] = by.value;
      moved = `#${by.closest(".k-move").querySelector("summary").id}`;
    });
    page.addEventListener("dragstart", (event) => {
      card = event.target.closest?.(".k-card");
      if (!card) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.dataset.deal);
      card.dataset.dragged = "";
      // Shown a moment later: what moves under the pointer while a drag begins ends the drag.
      setTimeout(() => card && exits && (exits.hidden = false));
    });
    page.addEventListener("dragover", (event) => {
      const over = place(event);
      page.querySelectorAll("[data-over]").forEach((one) => one !== over && delete one.dataset.over);
      if (!over || !act(over)) return;
      event.preventDefault();
      over.dataset.over = "";
    });
    page.addEventListener("drop", (event) => {
      const over = place(event);
      if (!over) return;
      event.preventDefault();
      act(over)?.click();
      end();
    });
    page.addEventListener("dragend", end);

    // On a phone one stage fills the screen: begin where there is something to see.
    const board = page.querySelector(".board");
    const first = board?.querySelector(".k-col:has(.k-card)");
    if (first && matchMedia("(max-width: 820px)").matches) {
      board.scrollLeft = first.offsetLeft - parseFloat(getComputedStyle(board).paddingInlineStart);
    }
    if (moved) page.querySelector(moved)?.focus();
    moved = "";
  });
}
