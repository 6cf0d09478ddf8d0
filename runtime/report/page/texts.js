// The selected layer as the text of each level has it, side by side.
"use strict";

const LEVELS = { xnn: "operators", prim: "primitives", dma: "blocks and transfers", dsa: "instructions" };

let levelTexts = {};

function showTexts(layer) {
  $("#texts .note").textContent = layer === null ? "Select a layer in any view." : layers[layer].name;
  const missing = "The run did not start at this level or above it.";
  $("#texts .levels").replaceChildren(
    ...Object.entries(LEVELS).map(([level, what]) => {
      const texts = levelTexts[level];
      const shown = layer === null ? "" : !texts ? missing : texts[layer] || "Nothing here has its name.";
      return element("div", [element("h3", `${level}: ${what}`), element("pre", shown, { tabindex: 0 })]);
    }),
  );
}

selection.watch(showTexts);
showTexts(null);
later.push(async () => {
  levelTexts = JSON.parse(await unpacked("level-texts"));
  showTexts(selection.item);
});
