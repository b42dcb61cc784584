// A toast goes by itself unless it says what went wrong, is pointed at, or holds the focus.
accord.behaviour("toast", (toast) => {
  const SHOWN = 7000;
  let timer;
  const wait = () => {
    if (!("stays" in toast.dataset)) timer = setTimeout(() => toast.remove(), SHOWN);
  };
  const stop = () => clearTimeout(timer);

  toast.querySelector("[data-close]")?.addEventListener("click", () => toast.remove());
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("pointerleave", wait);
  wait();
});
