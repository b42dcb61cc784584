// Draws the specification that stands beside it in the page; the library comes as a module, once it is needed.
accord.behaviour("chart", async (place) => {
  const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
  const { vegaEmbed } = await import(place.dataset.bundle);
  // The policy allows no code from text and no style sheet from a script; the tip has the class `visible` while it is.
  const look = { ast: true, actions: false, defaultStyle: false, renderer: "svg" };
  await vegaEmbed(place, spec, { ...look, tooltip: { id: "chart-tip", disableDefaultStyle: true } });
});
