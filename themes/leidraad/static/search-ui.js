// Typed search in the dialog of page.hbs. The data are scripts (search.js, search-1.js …; their format stands in
// src/render/search.rs), so that it also works from a folder on disk; nodes are built, HTML is never parsed.
(function () {
  "use strict";
  const leidraad = window.leidraad;
  const dialog = document.getElementById("_search");
  const input = document.getElementById("_query");
  const status = dialog.querySelector("output");
  const list = dialog.querySelector("ol");
  const words = status.dataset;

  const shards = []; // the edition's own texts, and the base's that it shares
  const asked = new Map(); // texts by key, or those who wait for them
  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ς", "σ");
  const tokens = (text) => fold(text).match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  const filled = (text) => text.replace(/\u0001(.*?)\u0001/g, (whole, name) => shards[0].values[name] ?? "");

  // ── Reading the data ──
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  function reader(text) {
    let at = 0;
    const number = () => {
      let value = 0, shift = 0, digit;
      do { digit = DIGITS.indexOf(text[at++]); value += (digit & 31) << shift; shift += 5; } while (digit & 32);
      return value;
    };
    const steps = () => { let last = 0; return Array.from({ length: number() }, () => last += number()); };
    return { number, steps };
  }

  function decode(data, names, gone) {
    const units = [];
    const sizes = reader(data.sizes);
    data.pages.forEach(([output, name, sections], page) => {
      const title = filled(names[page] ?? name);
      const file = `${data.folder}search-${Math.floor(page / data.each) + 1}.js`;
      for (let at = 0; at < sections.length; at += 2) {
        const number = units.length;
        units.push({ number, folder: data.folder, file, output, at: at / 2, page: title, anchor: sections[at], title: sections[at] ? filled(sections[at + 1]) : title, size: sizes.number(), gone: gone.has(number) });
      }
    });
    // A term is found by all its words, and its text needs no fetching.
    const [glossary, ...terms] = data.terms ?? []; // the base has them
    for (const [anchor, title, also, text] of terms) {
      units.push({ number: units.length, output: "glossary.html", page: glossary, anchor, title, also, text, size: 1, gone: false });
    }
    const index = new Map(); // word → the units that have it
    const stems = new Map(); // word → all forms of its stem
    const list = [];
    const groups = reader(data.groups);
    const docs = reader(data.docs);
    let before = [];
    for (const entry of data.words ? data.words.split(" ") : []) {
      const letters = before.slice(0, parseInt(entry[0], 36)).concat(Array.from(entry.slice(1)));
      const word = letters.join("");
      before = letters;
      const back = groups.number();
      const forms = back ? stems.get(list[list.length - back]) : [];
      forms.push(word);
      stems.set(word, forms);
      list.push(word);
      index.set(word, docs.steps());
    }
    const add = (word, unit) => { const all = index.get(word); if (!all) index.set(word, [unit]); else if (!all.includes(unit)) all.push(unit); };
    for (const [name, where] of Object.entries(data.holes)) {
      const value = tokens(shards[0].values[name] ?? "");
      for (const unit of reader(where).steps()) for (const word of value) add(word, unit);
    }
    const titles = new Map(); // word → units in whose title it stands
    for (const unit of units) for (const word of new Set(tokens(`${unit.title} ${unit.also ?? ""}`))) titles.set(word, [...titles.get(word) ?? [], unit.number]);
    return { units, index, stems, titles };
  }

  let read = null;
  function ready() {
    const [own, base] = shards;
    if (!own || (own.base && !base)) return false;
    read ??= [decode(own, {}, new Set()), ...base ? [decode(base, own.names, new Set(reader(own.gone).steps()))] : []];
    return true;
  }

  leidraad.index = (data) => {
    shards.push(data);
    if (data.base) leidraad.load(leidraad.top + data.base, run); else run();
  };
  leidraad.texts = (key, texts) => {
    const waiting = asked.get(key);
    asked.set(key, texts);
    if (Array.isArray(waiting)) waiting.forEach((done) => typeof done === "function" && done());
  };

  // ── Finding ──
  // Damerau's distance of one or two: a letter more, less, other, or two that changed places.
  function near(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return false;
    let before = [], last = Array.from({ length: b.length + 1 }, (x, at) => at);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min(...row) > most) return false;
      before = last;
      last = row;
    }
    return last[b.length] <= most;
  }

  // The words that a word of the query may mean, with how well they fit. A stem is never searched by its beginning.
  function meant(query) {
    const found = new Map();
    const put = (word, weight) => found.set(word, Math.max(weight, found.get(word) ?? 0));
    for (const { index, stems } of read) {
      if (index.has(query)) put(query, 1);
      for (const word of stems.get(query) ?? []) put(word, word === query ? 1 : 0.8);
      const known = found.size ? 0.5 : 1;
      if (query.length > 2) for (const word of index.keys()) {
        if (word.startsWith(query)) put(word, 0.7 * known * Math.sqrt(query.length / word.length));
        else if (query.length > 3 && word.endsWith(query)) put(word, 0.6 * known); // a compound is of its last part's kind
        else if (query.length > 3 && word.includes(query)) put(word, 0.45 * known);
      }
    }
    if (found.size || query.length < 4) return { found };
    let suggestion;
    for (const { index, stems } of read) for (const word of index.keys()) {
      if (!near(query, word, query.length > 7 ? 2 : 1)) continue;
      for (const form of stems.get(word)) put(form, form === word ? 0.5 : 0.4);
      suggestion ??= word;
    }
    return { found, suggestion };
  }

  function find(text) {
    const all = Array.from(new Set(tokens(text)));
    const common = shards[0].common.split(" ");
    const telling = all.filter((word) => !common.includes(word));
    const queries = telling.length ? telling : all;
    const total = read.reduce((sum, { units }) => sum + units.length, 0);
    const scores = new Map();
    const marked = new Set();
    let suggestion;
    for (const query of queries) {
      const { found, suggestion: other } = meant(query);
      suggestion ??= other;
      const hits = new Map();
      for (const [word, weight] of found) for (const { units, index, titles } of read) {
        const hit = (number, times) => {
          const unit = units[number];
          if (!unit.gone) hits.set(unit, Math.max(weight * times, hits.get(unit) ?? 0));
        };
        for (const number of index.get(word) ?? []) hit(number, 1);
        for (const number of titles.get(word) ?? []) {
          hit(number, units[number].text ? 3 : 4); // a definition comes after what is about it
          // A page's name speaks for its sections.
          for (let next = number + 1; !units[number].anchor && units[next]?.anchor; next++) hit(next, 0.6);
        }
        marked.add(word);
      }
      const rare = Math.log(1 + total / (1 + hits.size));
      for (const [unit, weight] of hits) {
        const score = scores.get(unit) ?? { unit, value: 0, words: 0 };
        score.value += weight * rare;
        score.words += 1;
        scores.set(unit, score);
      }
    }
    const results = Array.from(scores.values());
    // More of the words count for more, and so does a short text: it is about them.
    const mean = 1 + read.reduce((sum, { units }) => sum + units.reduce((sum, { size }) => sum + size, 0), 0) / total;
    for (const score of results) score.value *= (0.3 + 0.7 * score.words / queries.length) / (0.75 + 0.25 * Math.min(4, score.unit.size / mean));
    // Units in the order of the book where they are equal.
    results.sort((a, b) => b.value - a.value || (a.unit.folder === b.unit.folder ? a.unit.number - b.unit.number : 0));
    const best = results[0]?.value ?? 0;
    return { results: results.filter((score) => score.value > best * 0.08).map((score) => score.unit), marked, suggestion };
  }

  // ── Showing ──
  const make = (name, className, ...children) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children);
    return node;
  };

  // The text with the words that were found marked, from a little before the first of them.
  function excerpt(text, marked) {
    const hits = Array.from(text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)).filter((match) => marked.has(fold(match[0])));
    const from = hits[0] && hits[0].index > 60 ? text.lastIndexOf(" ", hits[0].index - 40) + 1 : 0;
    const end = text.length > from + 180 ? text.lastIndexOf(" ", from + 180) : text.length;
    const nodes = [from ? "… " : ""];
    let at = from;
    for (const { index, 0: word } of hits) {
      if (index < from || index + word.length > end) continue;
      nodes.push(text.slice(at, index), make("mark", "", word));
      at = index + word.length;
    }
    nodes.push(text.slice(at, end), end < text.length ? " …" : "");
    return nodes;
  }

  const loaded = new Set();
  function load(file) {
    if (!loaded.has(file)) leidraad.load(leidraad.top + file);
    loaded.add(file);
  }

  function withText({ folder, file, output, at, text }, done) {
    if (text) return done(text);
    const key = folder + output;
    const show = () => { const texts = asked.get(key); if (typeof texts[at] === "string") done(filled(texts[at])); };
    const known = asked.get(key);
    if (!known) {
      asked.set(key, [show]);
      load(file);
    } else if (typeof known[0] === "function") known.push(show);
    else show();
  }

  function run() {
    if (!ready()) return;
    const query = input.value.trim();
    list.replaceChildren();
    status.textContent = "";
    if (!tokens(query).length) return;
    const { results, marked, suggestion } = find(query);
    const count = results.length;
    const parts = [count ? leidraad.fill(count === 1 ? words.one : words.other, { count }) : leidraad.fill(words.none, { query })];
    if (suggestion) parts.push(leidraad.fill(words.near, { word: suggestion }));
    status.textContent = parts.join(" ");
    for (const unit of results.slice(0, 12)) {
      const link = make("a", "", make("span", "to", unit.title));
      link.href = `${leidraad.root}${unit.output}${unit.anchor && "#" + unit.anchor}`;
      if (unit.anchor) link.append(" ", make("span", "where", unit.page));
      // Its room is there before its text.
      const place = make("span", unit.text ? "excerpt" : "excerpt fetched");
      if (unit.size) link.append(place);
      withText(unit, (text) => place.append(...excerpt(text, marked)));
      list.append(make("li", "", link));
    }
  }

  let waiting;
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(run, 60); });
  dialog.addEventListener("keydown", (event) => {
    const links = Array.from(list.querySelectorAll("a"));
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (event.key === "Enter" && at < 0) { event.preventDefault(); links[0]?.click(); return; }
    if (to === undefined || !links.length || (at < 0 && event.key !== "ArrowDown")) return;
    event.preventDefault();
    (links[to] ?? (to < 0 ? input : links[at])).focus();
  });
  // A link to the page that is open leaves it open.
  list.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });

  leidraad.load(leidraad.root + "search.js", () => { if (!shards.length) status.textContent = words.failed; });
})();
