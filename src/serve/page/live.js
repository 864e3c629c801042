// The preview's side of a page: it is patched in place when its source changes, and what is wrong is told below it. Only
// `leidraad serve` adds this; it builds nodes, and everything it shows stands in a shadow root of its own.
(function () {
  "use strict";
  const script = document.currentScript;
  const token = script.dataset.token;
  let number = Number(script.dataset.number);

  // The page's own policy asks for trusted types. The one text that is parsed is a page of this very server.
  const policy = window.trustedTypes?.createPolicy("leidraad-preview", { createHTML: (text) => text });
  const parse = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

  const make = (name, properties = {}, ...children) => {
    const { data, ...others } = properties;
    const element = Object.assign(document.createElement(name), others);
    Object.assign(element.dataset, data);
    element.append(...children.filter((child) => child != null));
    return element;
  };

  const host = make("leidraad-preview");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(make("link", { rel: "stylesheet", href: "/@leidraad/live.css" }));
  // Above the page, where a banner stands in the flow.
  document.body.before(host);

  const preview = { make, shadow, state: null, changed: [], onState: [] };
  window.leidraadPreview = preview;
  preview.ask = async (name, values = {}) => {
    const query = new URLSearchParams({ token, page: location.pathname, ...values });
    const response = await fetch(`/@leidraad/${name}?${query}`);
    // Another server answers on this port now: its pages know its token.
    if (response.status === 403) location.reload();
    return response.json();
  };

  // ── News ──
  // A browser opens about six connections to one host, and waiting for news keeps one of them busy: of all tabs that
  // are looked at one waits, and tells the others. Without locks (not on this machine, so not over HTTPS) each waits.
  let ending = null;
  function listen() {
    ending?.abort();
    ending = null;
    if (document.hidden) return;
    const { signal } = (ending = new AbortController());
    const others = new BroadcastChannel(`leidraad-${token}`);
    const hear = (data) => { if (Number(data) !== number) update(Number(data)); };
    others.onmessage = ({ data }) => hear(data);
    signal.addEventListener("abort", () => others.close());
    const wait = () => new Promise((done) => {
      if (signal.aborted) return done();
      const source = new EventSource(`/@leidraad/news?token=${token}`);
      source.onmessage = ({ data }) => {
        others.postMessage(data);
        hear(data);
      };
      source.onerror = () => {
        // Refused for good: the server was started anew.
        if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 1000);
      };
      signal.addEventListener("abort", () => { source.close(); done(); });
    });
    if (navigator.locks) navigator.locks.request(`leidraad-${token}`, { signal }, wait).catch(() => {}); else wait();
    // What happened while nobody looked.
    show().catch(() => {});
  }
  document.addEventListener("visibilitychange", listen);
  addEventListener("pageshow", listen);
  addEventListener("pagehide", () => ending?.abort());

  let running = false;
  let wanted = null;
  async function update(next) {
    wanted = next;
    if (running) return;
    running = true;
    try {
      while (wanted !== null) {
        number = wanted;
        wanted = null;
        await refresh();
        await show();
      }
    } catch {
      // The server is away; the event stream says when it is back.
    }
    running = false;
  }

  async function refresh() {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = parse(await response.text());
    patch(page);
  }

  async function show() {
    preview.state = await preview.ask("state");
    preview.onState.forEach((draw) => draw(preview.state));
    if (preview.state.number > number) update(preview.state.number);
  }

  // ── The patch ──
  // Blocks with the same words are the same block, wherever they stand now: for the time of a patch each has an id by
  // which it is found again, so that what is read, selected or ticked is not turned into its neighbour.
  function twins(old, fresh) {
    const numbers = new Map();
    for (const root of [old, fresh]) {
      const times = new Map();
      for (const block of root.querySelectorAll("main :is(p, li, tr, pre, blockquote, figure, dt, dd, dl, aside, table, ul, ol, details):not([id])")) {
        const words = `${block.tagName} ${block.textContent.replace(/\s+/g, " ").trim()}`;
        const time = times.get(words) ?? 0;
        times.set(words, time + 1);
        const key = `${time} ${words}`;
        if (!numbers.has(key)) numbers.set(key, numbers.size);
        block.id = `_twin-${numbers.get(key)}`;
      }
    }
    return () => {
      for (const block of old.querySelectorAll("[id^=_twin-]")) block.removeAttribute("id");
    };
  }

  // White space between blocks is no node to find a twin for: with it, everything behind a new block would shift by one.
  function tidy(root) {
    const between = document.createTreeWalker(root.querySelector("main") ?? root, NodeFilter.SHOW_TEXT);
    const blank = [];
    while (between.nextNode()) {
      const { currentNode: node } = between;
      if (!node.nodeValue.trim() && node.parentElement.matches("main, article, section, details, div, ul, ol, dl, blockquote, aside, table, thead, tbody, tr")) blank.push(node);
    }
    blank.forEach((node) => node.remove());
  }

  const paths = (root, selector, name) => Array.from(root.querySelectorAll(selector), (node) => node.getAttribute(name)).join("\n");
  const scripts = (root) => paths(root, "head > script[src]", "src");
  // Those that came with the page: search adds its own when it is first used.
  const own = scripts(document);
  const BLOCKS = "p, li, h1, h2, h3, h4, h5, h6, td, th, pre, figure, dt, dd, img, hr";

  function patch(page) {
    // Scripts that run once, and lists of tasks that they prepared: these pages start anew, with their ticks kept.
    const tasks = (root) => paths(root, "[data-task]", "data-task");
    if (!page.body.dataset.edition || scripts(page) !== own || tasks(page) !== tasks(document)) {
      if (!page.querySelector("main") || document.querySelector("main")) location.reload();
      return;
    }
    styles(page);
    const anchor = nearest();
    const top = anchor?.getBoundingClientRect().top;
    const touched = new Set();
    const note = (node) => {
      const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
      if (element?.closest("main")) touched.add(element.closest(BLOCKS) ?? element);
    };
    tidy(document);
    tidy(page);
    const forget = twins(document, page);
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    Idiomorph.morph(document.body, page.body, {
      morphStyle: "outerHTML",
      head: { style: "none" },
      callbacks: {
        beforeNodeMorphed: (old, fresh) => {
          if (old.nodeType === Node.TEXT_NODE && old.nodeValue !== fresh.nodeValue && old.nodeValue.trim() + fresh.nodeValue.trim()) note(old);
          if (old.matches?.("img, section, [data-change]") && paths(old.parentNode, ":scope > img", "src") !== paths(fresh.parentNode, ":scope > img", "src")) note(old);
        },
        afterNodeAdded: (node) => { if (node.nodeType === Node.ELEMENT_NODE || node.nodeValue?.trim()) note(node); },
        // What scripts added for the reader stays: the bar of a task list, a note that a task has changed.
        beforeNodeRemoved: (node) => {
          if (node.matches?.(".tasks, .task-changed") || (node.nodeType === Node.TEXT_NODE && node.nextSibling?.matches?.(".task-changed"))) return false;
          if (node.parentElement && node.textContent?.trim()) note(node.parentElement);
          return true;
        },
        beforeAttributeUpdated: (name, node) => {
          // The reader's own: what was opened, ticked, typed, and what a script says about where one is.
          if (["open", "checked", "value", "style", "hidden"].includes(name)) return false;
          if (name === "aria-current" && node.getAttribute(name) === "location") return false;
          if (name === "data-choice") return false;
          return !(name === "class" && node.matches(".ready"));
        },
      },
    });
    forget();
    if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
    mark(Array.from(touched).filter((element) => element.isConnected));
  }

  // The heading, or the block, at which the reader is: it stays where it is on the screen.
  function nearest() {
    // Not those of a list of contents, which stays in sight by itself.
    const blocks = Array.from(document.querySelectorAll("main [data-address] :is(h2, h3, h4, h5, h6, p, li, tr)"));
    return blocks.find((block) => block.getBoundingClientRect().bottom > 0) ?? null;
  }

  function styles(page) {
    const fresh = Array.from(page.querySelectorAll("head > link[rel=stylesheet]"));
    const old = Array.from(document.querySelectorAll("head > link[rel=stylesheet]"));
    fresh.forEach((link, at) => {
      const href = link.getAttribute("href");
      if (old.some((known) => known.getAttribute("href") === href)) return;
      const element = make("link", { rel: "stylesheet" });
      element.setAttribute("href", href);
      // The old one goes when the new one is there, so that the page is never bare.
      element.addEventListener("load", () => old[at]?.remove());
      element.addEventListener("error", () => element.remove());
      if (old[at]) old[at].after(element); else document.head.append(element);
    });
    old.slice(fresh.length).forEach((link) => link.remove());
  }

  function mark(touched) {
    // A patch that changed nothing leaves what was said about the one before.
    if (!touched.length) return;
    const inner = touched.filter((element) => !touched.some((other) => other !== element && element.contains(other)));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!still) {
      for (const element of inner.slice(0, 50)) {
        element.animate([{ outline: "3px solid #d08700", outlineOffset: "4px" }, { outline: "3px solid transparent", outlineOffset: "4px" }], { duration: 1200, easing: "ease-in" });
      }
    }
    const visible = ({ top, bottom }) => bottom > 0 && top < innerHeight;
    preview.changed = inner;
    jump(inner.length && !inner.some((element) => visible(element.getBoundingClientRect())) ? inner[0] : null);
  }

  let button = null;
  function jump(target) {
    button?.remove();
    button = null;
    if (!target) return;
    const above = target.getBoundingClientRect().top < 0;
    button = make("button", { type: "button", className: "jump", textContent: `${above ? "↑" : "↓"} to the change` });
    button.addEventListener("click", () => {
      target.scrollIntoView({ block: "center" });
      button?.remove();
    });
    shadow.append(button);
    setTimeout((shown) => shown.remove(), 15000, button);
  }

  // ── The error sheet ──
  let sheet = null;
  let folded = false;
  preview.onState.push(({ error, errors, last_good: lastGood, broken }) => {
    sheet?.remove();
    sheet = null;
    if (!error) { folded = false; return; }
    const { place } = error;
    const where = place && (place.line ? `${place.path}:${place.line}:${place.column}` : place.path);
    const frame = place?.text != null && make("pre", {}, `${place.line} | ${place.text}\n${" ".repeat(`${place.line}`.length)} | ${" ".repeat(place.column - 1)}${"^".repeat(Math.max(1, Math.min(place.length, place.text.length - place.column + 1)))}`);
    const kept = lastGood ? "The page is as it was when the handbook was last right." : broken ? "This edition is as it was when it was last right." : null;
    sheet = make("details", { className: "sheet", open: !folded },
      make("summary", {}, make("strong", {}, `${error.severity}[${error.code}]`), `: ${error.message}`),
      make("p", { className: "where" }, where, place && " ", place && make("a", { href: place.editor }, "Open in the editor")),
      frame || null,
      ...error.hints.map((hint) => make("p", { className: "hint" }, `hint: ${hint}`)),
      errors > 1 ? make("p", {}, `and ${errors - 1} other error${errors > 2 ? "s" : ""}: the terminal shows all`) : null,
      kept && make("p", { className: "kept" }, kept));
    sheet.setAttribute("role", "status");
    sheet.addEventListener("toggle", () => { folded = !sheet.open; });
    shadow.append(sheet);
  });

  // ── The banner ──
  let banner = null;
  preview.onState.push(({ behind }) => {
    banner?.remove();
    banner = behind.length ? make("aside", { className: "banner", ariaLabel: "Behind its source" }, ...behind.map(({ message, place }) =>
      make("p", {}, `${message} `, place && make("a", { href: place.editor }, "Open in the editor")))) : null;
    if (banner) shadow.prepend(banner);
  });
})();
