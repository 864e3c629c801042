// What scripts add to a page that already works without them: kept ticks, settings, definitions in place, and a few
// conveniences. A classic script, so that it also runs from a folder on disk; it builds nodes and never parses HTML.
(function () {
  "use strict";
  const root = document.documentElement;
  const body = document.body;
  const script = document.currentScript;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const byId = (id) => document.getElementById(id);
  // The element that an address names; anybody can write an address, so a stray % is no reason to stop.
  const decoded = (hash) => { try { return decodeURIComponent(hash.slice(1)); } catch { return hash.slice(1); } };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

  // Storage can be denied or full. Then a choice lasts as long as the page does.
  function storage(kind) {
    const quietly = (use) => { try { return use(window[kind]); } catch { return null; } };
    return {
      get: (key) => quietly((store) => store.getItem(key)),
      set: (key, value) => quietly((store) => value === null ? store.removeItem(key) : store.setItem(key, value)),
    };
  }
  const local = storage("localStorage");
  const session = storage("sessionStorage");

  // ── Settings ──
  function settings() {
    const panel = byId("_settings");
    const theme = local.get("leidraad:theme") ?? "";
    for (const input of all("input", panel)) {
      if (input.name === "theme") input.checked = input.value === theme;
      if (input.name === "marks") input.checked = local.get("leidraad:marks") !== "off";
      if (input.name === "keys") input.checked = local.get("leidraad:keys") === "on";
    }
    panel.addEventListener("change", ({ target }) => {
      if (target.name === "theme") {
        local.set("leidraad:theme", target.value || null);
        if (target.value) root.dataset.theme = target.value; else delete root.dataset.theme;
      } else if (target.name === "marks") {
        local.set("leidraad:marks", target.checked ? null : "off");
        if (target.checked) delete root.dataset.marks; else root.dataset.marks = "off";
      } else if (target.name === "keys") {
        local.set("leidraad:keys", target.checked ? "on" : null);
      }
    });
  }

  // ── Keys: Ctrl/⌘ K always; single characters only when the reader has switched them on (WCAG 2.1.4) ──
  function keys() {
    const follow = (link) => () => one(link)?.click();
    const single = { "/": openSearch, "[": follow(".neighbours .previous"), "]": follow(".neighbours .next"), "?": () => byId("_settings").togglePopover() };
    document.addEventListener("keydown", (event) => {
      const { key, ctrlKey, metaKey, altKey, target } = event;
      let act = null;
      if (key.toLowerCase() === "k" && ctrlKey !== metaKey && !altKey) act = byId("_search") && openSearch;
      else if (!ctrlKey && !metaKey && !altKey && one("[name=keys]")?.checked && !target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog, [contenteditable]")) act = single[key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  // ── Search: its script is fetched when it is first opened ──
  const policy = window.trustedTypes?.createPolicy("leidraad", { createScriptURL: (url) => url });
  function load(url, done) {
    const element = document.createElement("script");
    element.onload = element.onerror = done;
    element.src = policy ? policy.createScriptURL(url) : url;
    document.head.append(element);
  }
  // search-ui.js finds the way to its data here.
  window.leidraad = { load, fill, root: script.dataset.root, top: script.dataset.top };
  function openSearch() {
    const dialog = byId("_search");
    if (!dialog) return one(".search-open")?.click();
    if (!dialog.open) dialog.showModal();
    byId("_query").select();
    if (script.dataset.search) load(script.dataset.search);
    script.dataset.search = "";
  }
  function search() {
    const dialog = byId("_search");
    if (!dialog) return;
    one(".search-open").form.addEventListener("submit", (event) => { event.preventDefault(); openSearch(); });
    one("[data-close]", dialog).addEventListener("click", () => dialog.close());
    one("form", dialog).addEventListener("submit", (event) => event.preventDefault());
    // A search field keeps the first Escape for itself, to empty it.
    dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); dialog.close(); } });
    // Apple's keyboards have another key for it.
    if (/Mac|iP/.test(navigator.platform)) one(".search-open kbd").textContent = "⌘ K";
  }

  // ── Navigation: keeps its place from page to page, and always shows where you are ──
  function navigation() {
    const nav = byId("_chapters");
    const key = "leidraad:nav:" + body.dataset.edition;
    const here = nav && one("[aria-current]", nav);
    const show = () => {
      nav.scrollTop = session.get(key) ?? 0;
      const top = here ? here.getBoundingClientRect().top - nav.getBoundingClientRect().top : 0;
      if (top < 0 || top > nav.clientHeight - 40) nav.scrollTop += top - nav.clientHeight / 2;
    };
    if (!nav) return;
    show();
    nav.addEventListener("toggle", show);
    addEventListener("pagehide", () => session.set(key, nav.scrollTop));
    // A panel that has become a column, or that has done its work, is closed.
    matchMedia("(min-width: 64em)").addEventListener("change", () => all(":popover-open").forEach((panel) => panel.hidePopover()));
  }

  function contents() {
    const panel = byId("_contents");
    if (!panel) return;
    const links = new Map(all("a", panel).map((link) => [byId(decoded(link.hash)), link]));
    links.delete(null);
    const headings = new Map(Array.from(links.keys(), (target) => [target.matches("section") ? target.firstElementChild : target, links.get(target)]));
    let current = null;
    const seen = new Set();
    let end = false;
    const show = () => {
      // The first heading in the upper part of the window; without one, the last that left it upwards. At the end of
      // the page, where nothing scrolls further up, the last heading that is in sight.
      const all = Array.from(headings.keys());
      const above = (line) => all.findLast((heading) => heading.getBoundingClientRect().top < line);
      const next = headings.get(end ? above(innerHeight) : all.find((heading) => seen.has(heading)) ?? above(0));
      if (next === current) return;
      current?.removeAttribute("aria-current");
      next?.setAttribute("aria-current", "location");
      current = next;
    };
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target) : seen.delete(target);
      show();
    }, { rootMargin: "0px 0px -60% 0px" });
    headings.forEach((link, heading) => observer.observe(heading));
    new IntersectionObserver(([{ isIntersecting }]) => { end = isIntersecting && scrollY > 0; show(); }).observe(one(".colophon > p"));
    panel.addEventListener("click", (event) => { if (event.target.closest("a") && panel.matches(":popover-open")) panel.hidePopover(); });
  }

  // ── Checklists ──
  // A tick is kept under leidraad:<edition>:<page>:<task> as "<language>:<hash of the text>". The page's list of tasks is kept too, so
  // that a task whose text has changed is shown as changed: it stands where a ticked one stood that is gone.
  const hash = (text) => {
    let value = 0x811c9dc5; // FNV-1a, 32 bits
    for (const char of text.replace(/\s+/g, " ").trim()) value = Math.imul(value ^ char.codePointAt(0), 0x01000193);
    return (value >>> 0).toString(36);
  };

  function tasks() {
    const boxes = all("[data-task]").filter((box) => !box.closest(".compare")); // what is compared is not to be done
    if (!boxes.length) return;
    const page = `leidraad:${body.dataset.edition}:${body.dataset.page}`;
    const lang = root.lang;
    const keyOf = (task) => `${page}:${task}`;
    const textOf = (box) => box.closest("label").textContent;
    const valueOf = (box) => `${lang}:${hash(textOf(box))}`;
    const words = byId("_tasks").content.firstElementChild.dataset;

    let known = {};
    try { known = JSON.parse(local.get(page)) ?? {}; } catch { /* not ours: start anew */ }
    const now = boxes.map((box) => box.dataset.task);
    const before = Array.isArray(known[lang]) ? known[lang] : now;
    const replaced = new Map(); // a new task → the ticked one in whose place it stands
    let at = 0;
    now.forEach((task) => {
      if (before.includes(task)) { at = before.indexOf(task) + 1; return; }
      if (at < before.length && !now.includes(before[at])) {
        if (local.get(keyOf(before[at]))) replaced.set(task, before[at]);
        at += 1;
      }
    });
    const remember = () => {
      known[lang] = now.map((task) => replaced.get(task) ?? task);
      local.set(page, JSON.stringify(known));
    };

    const setChanged = (box, changed) => {
      one(".task-changed", box.closest("label"))?.remove();
      if (!changed) return;
      const note = document.createElement("span");
      note.className = "task-changed";
      note.textContent = `(${words.changed})`;
      box.closest("label").append(" ", note);
    };
    const keep = (box) => {
      const task = box.dataset.task;
      setChanged(box, false);
      local.set(keyOf(task), box.checked === box.defaultChecked ? null : box.checked ? valueOf(box) : "-");
      if (replaced.has(task)) {
        local.set(keyOf(replaced.get(task)), null);
        replaced.delete(task);
        remember();
      }
    };
    for (const box of boxes) {
      const stored = local.get(keyOf(box.dataset.task));
      const changed = replaced.has(box.dataset.task) || (stored?.startsWith(lang + ":") && stored !== valueOf(box));
      if (stored) box.checked = stored !== "-" && !changed;
      if (changed) setChanged(box, true);
    }
    remember();

    const lists = new Set(boxes.map((box) => box.closest(".task-list-item").parentElement));
    for (const list of lists) {
      if (list.parentElement.closest(".task-list-item")) continue; // counted with the list that it belongs to
      const own = all("[data-task]", list);
      const bar = byId("_tasks").content.firstElementChild.cloneNode(true);
      const output = one("output", bar);
      const undo = one("[data-do=undo]", bar);
      let cleared = [];
      const count = () => fill(words.count, { done: own.filter((box) => box.checked).length, total: own.length });
      const tell = (text) => { output.textContent = text ? `${text}. ${count()}` : count(); };
      const act = {
        copy: () => copy([`${titleOf(list)}: ${count()}`, ...own.map((box) => `${box.checked ? "[x]" : "[ ]"} ${textOf(box).replace(/\s+/g, " ").trim()}`), location.href.split("#")[0]].join("\n"), () => tell(words.copied)),
        clear: () => {
          cleared = own.filter((box) => box.checked);
          cleared.forEach((box) => { box.checked = false; keep(box); });
          undo.hidden = !cleared.length;
          tell(cleared.length ? words.cleared : "");
        },
        undo: () => {
          cleared.forEach((box) => { box.checked = true; keep(box); });
          one("[data-do=clear]", bar).focus();
          undo.hidden = true;
          tell();
        },
      };
      bar.addEventListener("click", (event) => act[event.target.closest("button")?.dataset.do]?.());
      list.addEventListener("change", (event) => { keep(event.target); undo.hidden = true; tell(); });
      tell();
      list.after(bar);
      list.classList.add("ready");
    }
  }

  // The page's title and the nearest heading, for a summary that is read elsewhere.
  function titleOf(element) {
    const heading = element.closest(".section")?.firstElementChild;
    return [one("h1"), heading].map((node) => node?.textContent.replaceAll("\u00ad", "").trim()).filter(Boolean).join(" – ");
  }

  function copy(text, done) {
    const byHand = () => {
      const field = document.createElement("textarea");
      field.value = text;
      body.append(field);
      field.select();
      if (document.execCommand("copy")) done();
      field.remove();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
  }

  // ── Terms: the definition opens at the word; without scripts the link leads to the glossary ──
  function terms() {
    const panel = byId("_term");
    if (!panel.showPopover) return;
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a.term[data-text]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      one(".panel-title", panel).textContent = link.textContent;
      one(".term-text", panel).textContent = link.dataset.text;
      one("a", panel).href = link.href;
      panel.showPopover();
      // On narrow screens the panel is a sheet at the bottom, and the style sheet ignores these.
      const word = link.getBoundingClientRect();
      const left = Math.max(16, Math.min(word.left, root.clientWidth - panel.offsetWidth - 16));
      panel.style.setProperty("--x", `${left + scrollX}px`);
      panel.style.setProperty("--y", `${word.bottom + scrollY + 8}px`);
      panel.focus();
    });
  }

  // ── Print: the whole, one role or one page, chosen by the address ──
  function printing() {
    const select = byId("_choice");
    one("[data-print]")?.addEventListener("click", () => print());
    if (!select) return;
    const chapters = all(".chapter");
    const rolesOf = (chapter) => (chapter.dataset.audience ?? "").split(" ").filter(Boolean);
    const group = (label, options) => {
      const element = document.createElement("optgroup");
      element.label = label;
      element.append(...options.map(([value, text]) => new Option(text, value)));
      if (options.length) select.append(element);
    };
    group(select.dataset.role, Array.from(new Set(chapters.flatMap(rolesOf)), (role) => [`for-${role}`, role]));
    group(select.dataset.chapter, chapters.map((chapter) => [chapter.id, one("h1, h2", chapter)?.textContent.trim() ?? chapter.id]));

    const choose = () => {
      const wanted = decoded(location.hash);
      const target = byId(wanted);
      const role = wanted.startsWith("for-") && wanted.slice(4);
      const shown = role ? (chapter) => rolesOf(chapter).includes(role) : (chapter) => chapter === target;
      // A link to a heading only jumps, unless its chapter is hidden.
      if (target && !chapters.includes(target) && !target.closest("[hidden]")) return;
      const some = chapters.some(shown);
      for (const chapter of chapters) chapter.hidden = some && !shown(chapter);
      for (const link of all(".print-contents a")) link.closest("li").hidden = Boolean(byId(decoded(link.hash))?.closest("[hidden]"));
      body.dataset.choice = !some ? "all" : role ? "role" : "page";
      select.value = some ? wanted : "";
      if (target) target.scrollIntoView();
    };
    select.addEventListener("change", () => { location.hash = select.value; choose(); });
    addEventListener("hashchange", choose);
    choose();
  }

  // ── Tables that readers order themselves: names from A, numbers from the highest ──
  function sorting() {
    for (const table of all("table[data-sortable]")) {
      const rows = () => Array.from(table.tBodies[0].rows);
      all("thead th", table).forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "sort";
        button.append(...head.childNodes);
        head.append(button);
        const value = (row) => row.cells[column].textContent.trim();
        button.addEventListener("click", () => {
          const turned = head.getAttribute("aria-sort") === (column ? "descending" : "ascending");
          const sorted = rows().sort((a, b) => column
            ? (parseInt(value(b)) || 0) - (parseInt(value(a)) || 0)
            : value(a).localeCompare(value(b), root.lang));
          table.tBodies[0].append(...(turned ? sorted.reverse() : sorted));
          for (const other of all("[aria-sort]", table)) other.removeAttribute("aria-sort");
          head.setAttribute("aria-sort", Boolean(column) === turned ? "ascending" : "descending");
        });
      });
    }
  }

  for (const part of [settings, keys, search, navigation, contents, tasks, terms, printing, sorting]) part();
})();
