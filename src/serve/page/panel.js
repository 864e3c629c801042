// The author bar, and the lines with which an organisation changes a section. Nothing is written from here: lines are
// copied, pasted in the editor, and seen as soon as they are saved.
(function () {
  "use strict";
  const preview = window.leidraadPreview;
  const { make, shadow } = preview;
  const root = document.documentElement;

  // ── The bar ──
  const bar = make("nav", { className: "bar", ariaLabel: "Author" });
  shadow.append(bar);
  // Room for it: nothing that has the focus, and no end of a page, lies below it.
  root.style.scrollPaddingBlockEnd = "64px";
  document.body.style.paddingBlockEnd = "56px";
  const choice = (label, options, go) => {
    const select = make("select", { ariaLabel: label, title: label }, ...options.map(([value, text, selected]) => new Option(text, value, selected, selected)));
    select.addEventListener("change", () => go(select.value, select));
    return select;
  };
  const tool = (text, act, properties = {}) => {
    const button = make("button", { type: "button", textContent: text, ...properties });
    button.addEventListener("click", () => act(button));
    return button;
  };
  const go = (href) => { location.href = href + location.hash; };
  const title = (element) => element.querySelector(":scope > :is(h2, h3, h4, h5, h6)")?.textContent.trim();

  let drawn = "";
  function draw(state) {
    const name = state.organisations.find((entry) => entry.current)?.name;
    const addresses = Array.from(document.querySelectorAll("main [data-address]"), (element) => [element.dataset.address, title(element) ?? "Opening text", false]);
    // A bar that is in use is not taken away for nothing.
    const now = JSON.stringify([state.organisations, state.languages, state.blanks, addresses]);
    if (now === drawn) return;
    drawn = now;
    const edited = state.edition && state.edition !== "base";
    bar.replaceChildren(...[
      choice("Organisation", state.organisations.map((entry) => [entry.href, entry.id === "base" ? "Base" : entry.name, entry.current]), go),
      state.languages.length > 1 ? choice("Language", state.languages.map((entry) => [entry.href, entry.code, entry.current]), go) : null,
      edited && addresses.length ? choice(`Change this for ${name}`, [["", "Change this…", true], ...addresses], (chosen, select) => {
        select.value = "";
        open(chosen);
      }) : null,
      tool("Marks", (button) => {
        if (root.dataset.marks === "off") delete root.dataset.marks; else root.dataset.marks = "off";
        button.ariaPressed = String(root.dataset.marks !== "off");
      }, { ariaPressed: String(root.dataset.marks !== "off") }),
      tool("Phone", () => window.open(location.href, "leidraad-phone", "popup,width=320,height=640"), { title: "The page 320 pixels wide" }),
      make("a", { href: `${location.pathname}?leidraad=plain`, textContent: "Without scripts" }),
      state.blanks.length ? make("details", { className: "blanks" },
        make("summary", {}, `${state.blanks.length} to fill in`),
        make("ul", {}, ...state.blanks.map((blank) => make("li", {}, make("a", { href: blank.place?.editor ?? "" }, blank.message))))) : null,
    ].filter(Boolean));
    hover.textContent = `Change this for ${name}`;
    hover.dataset.off = edited ? "" : "off";
  }
  preview.onState.push(draw);

  // ── A button at the section under the pointer; the bar's list leads to the same panel by keyboard ──
  const hover = make("button", { type: "button", className: "change", hidden: true });
  let address = null;
  shadow.append(hover);
  hover.addEventListener("click", () => open(address));
  document.addEventListener("pointerover", (event) => {
    if (event.target === shadow.host) return;
    const section = event.target.closest?.("main [data-address]");
    hover.hidden = !section || hover.dataset.off !== "";
    if (!section) return;
    address = section.dataset.address;
    const { top, right } = section.getBoundingClientRect();
    hover.style.setProperty("top", `${Math.max(top + scrollY, scrollY + 4)}px`);
    hover.style.setProperty("left", `${Math.min(right, root.clientWidth - 8) + scrollX}px`);
  });

  // ── The panel ──
  // What was accepted and what stands there today, side by side.
  const stale = ({ accepted, now, diff }) => [
    make("p", {}, "The text under it has changed since it was accepted."),
    make("div", { className: "texts" }, ...[["Accepted", accepted ?? "This text is not stored."], ["Today", now]].filter(([, text]) => text != null).map(([title, text]) =>
      make("div", {}, make("h3", {}, title), make("pre", { tabIndex: 0 }, text)))),
    make("p", {}, "Word by word: ", make("code", {}, diff)),
  ];
  const panel = make("dialog", { className: "panel" });
  shadow.append(panel);
  async function open(wanted) {
    const found = await preview.ask("ready", { address: wanted });
    const name = preview.state?.organisations.find((entry) => entry.current)?.name ?? "";
    const close = tool("Close", () => panel.close());
    const link = found.place && make("p", {}, make("a", { href: found.place.editor }, "Open in the editor"), ` ${found.place.path}:${found.place.line}`);
    const copied = make("output");
    const shown = {
      lines: () => [
        make("p", {}, "Copy these lines, paste them below ", make("code", {}, "changes:"), " and make the text your own:"),
        make("pre", { tabIndex: 0 }, found.lines),
        make("p", {}, tool("Copy", async () => {
          await navigator.clipboard.writeText(found.lines);
          copied.textContent = "copied";
        }), " ", copied),
      ],
      there: () => [make("p", {}, `${name} has a text of its own here.`), ...(found.stale ? stale(found.stale) : [])],
      locked: () => [make("p", {}, found.by ? `This text is locked by the layer ${found.by}.` : "This text is locked: it is the same in every organisation.")],
      base: () => [make("p", {}, "Choose an organisation in the bar: the base text is changed in its own file.")],
      missing: () => [make("p", {}, "This edition does not show this text.")],
    };
    panel.replaceChildren(...[make("h2", {}, `Change this for ${name}`), make("p", {}, make("code", {}, wanted)), ...shown[found.kind](), link, close].filter(Boolean));
    if (!panel.open) panel.showModal();
  }

  if (preview.state) draw(preview.state);
})();
