const EVERY = 3000;
const ENDED = ["published", "unchanged", "refused", "failed", "cancelled"];
const NEEDED = ["fetch", "schedule", "work-normalize"];
let timer = 0;
let stories = {};

const count = (value) => (value === null || value === undefined ? "?" : value.toLocaleString("en"));
const size = (bytes) => (bytes === null ? "?" : bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : bytes < 1e9
  ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);
const moment = (time) => (time || "").slice(0, 19).replace("T", " ");

const short = (text, most) => (text.length > most ? `${text.slice(0, most).trimEnd()}…` : text);

function number(name, value, kind) {
  const box = make("div", null, kind);
  box.append(make("dt", name), make("dd", typeof value === "string" ? value : count(value)));
  return box;
}

function cell(name, kind, ...parts) {
  const box = make("td", null, kind);
  box.dataset.name = name;
  box.append(...parts.filter((part) => part !== null && part !== undefined && part !== ""));
  return box;
}

function line(...cells) {
  const row = make("tr");
  row.append(...cells);
  return row;
}

function rows(id, made, none) {
  const box = cell("", "empty", none);
  box.colSpan = 9;
  $(id).replaceChildren(...(made.length ? made : [line(box)]));
}

/* Opened by this page itself: with a token set, a browser could not ask for it by a plain address. */
function inner(text, kind, id) {
  const link = make("a", text);
  link.href = `#${kind}/${encodeURIComponent(id)}`;
  return link;
}

async function open() {
  const [kind, id] = location.hash.slice(1).split("/");
  const draw = { document: page, story, url: timeline }[kind];
  if (!draw || !id) {
    $("sheet").close();
    return;
  }
  try {
    $("content").replaceChildren(...await draw(decodeURIComponent(id)));
  } catch (error) {
    $("content").replaceChildren(make("p", error.message, "trouble"));
  }
  if (!$("sheet").open) $("sheet").showModal();
  $("sheet").scrollTop = 0;
}

/* Only what a browser fetches: an address of another scheme is shown, never linked. */
function outward(url) {
  if (!/^https?:\/\//i.test(url)) return make("span", url);
  const link = make("a", url);
  link.href = url;
  link.rel = "noreferrer noopener";
  link.target = "_blank";
  return link;
}

function sum(stats) {
  const open = Object.values(stats.waiting).reduce((all, value) => all + value, 0);
  const parts = [...ENDED.map((name) => [name, stats[name], name]), ["under way", open, "open"]];
  $("sum").replaceChildren(number("accepted", stats.accepted), ...parts.map((part) => number(...part)));
  $("bar").replaceChildren(...parts.filter((part) => part[1]).map(([, value, kind]) => {
    const piece = make("i", null, kind);
    piece.style.flexGrow = value;
    return piece;
  }));
}

function processes(found) {
  $("alive").hidden = !found;
  if (!found) return;
  const names = [...new Set(["api", ...NEEDED, ...Object.keys(found)])].sort();
  $("processes").replaceChildren(...names.map((name) => {
    const running = found[name] || (name === "api" ? 1 : 0);
    return number(name, running, running ? "" : "none");
  }));
}

function group(item) {
  return line(cell("", "", item.group), cell("stream", "", item.stream), cell("", "", item.standing),
    cell("not acknowledged", "", count(item.pending)), cell("not read", "", count(item.lag)));
}

function letter(item) {
  const what = item.url ? inner(item.url, "url", item.url) : item.name || item.document || item.unit;
  const tries = `${item.stage}, ${item.tries === 1 ? "1 try" : `${item.tries} tries`}`;
  return line(cell("", "fixed soft", moment(item.time)),
    cell("", "", make("span", item.reason, "code"), item.retried ? make("div", "tried again", "soft small") : ""),
    cell("", "", what, make("div", item.detail, "soft small")), cell("", "fixed soft", tries));
}

function row(item) {
  const known = stories[item.story];
  const told = known ? `${short(known.title || known.id.slice(0, 6), 56)} (${known.size})` : (item.story || "").slice(0, 6);
  const where = [item.url, item.language, item.revision > 1 ? `revision ${item.revision}` : ""];
  return line(
    cell("", "", inner(item.title || item.url || item.id, "document", item.id),
      make("div", where.filter(Boolean).join(" · "), "soft small")),
    cell("published", "fixed", (item.published || "").slice(0, 10)),
    cell("story", "small", item.story ? inner(told, "story", item.story) : ""),
    cell("names", "small", (item.names || []).join(", ")),
  );
}

function fact(name, ...parts) {
  const shown = parts.filter((part) => part !== null && part !== undefined && part !== "");
  const box = make("div", null, "small");
  if (shown.length) box.append(make("span", `${name} `, "soft"), ...shown);
  return box;
}

async function page(id) {
  const data = await ask(`/v1/documents/${encodeURIComponent(id)}`);
  const date = data.dates.published;
  const text = make("div", null, "text");
  text.append(...data.text.split("\n").filter(Boolean).map((paragraph) => make("p", paragraph)));
  const near = data.sameness.near.map((item) => inner(`${item.id} (${Math.round(item.similarity * 100)}%)`, "document", item.id));
  const shares = data.sameness.shares.map((item) => inner(`${item.id} (${Math.round(item.share * 100)}%)`, "document", item.id));
  const names = data.entities.slice(0, 30).map((entity) => `${entity.name} (${entity.type})`).join(", ");
  const failed = Object.entries(data.enrichment).filter(([, told]) => told.status === "failed");
  return [
    make("h2", data.title || data.origin.name || data.id),
    data.url ? outward(data.url) : make("span", data.origin.name, "soft"),
    fact("published", date && `${date.value} (${date.evidence}, confidence ${date.confidence})`),
    fact("author", data.author),
    fact("story", data.sameness.story && inner(data.sameness.story.id, "story", data.sameness.story.id)),
    fact("near copies", ...between(near)),
    fact("shares passages with", ...between(shares)),
    fact("names", names),
    fact("document", `${data.id}, revision ${data.revision}, ${data.layout} layout, ${data.language.code || "language unknown"}`),
    fact("warnings", data.warnings.join(", ")),
    fact("not enriched", failed.map(([name, told]) => `${name}: ${told.error || "failed"}`).join("; ")),
    text,
  ];
}

const between = (parts) => parts.flatMap((part, at) => (at ? [", ", part] : [part]));

async function story(id) {
  const data = await ask(`/v1/stories/${encodeURIComponent(id)}`);
  const list = make("ul");
  list.append(...data.documents.map((item) => {
    const entry = make("li");
    entry.append(inner(item.title || item.url || item.id, "document", item.id), make("span", ` ${(item.published || "").slice(0, 10)}`, "soft"));
    return entry;
  }));
  return [make("h2", data.title || `Story ${data.id}`), fact("documents", data.size),
    fact("first seen", moment(data.first_seen)), fact("words", data.terms.slice(0, 12).join(", ")),
    fact("names", data.entities.slice(0, 12).map((entity) => entity.name).join(", ")), list];
}

async function timeline(url) {
  const data = await ask(`/v1/urls?url=${encodeURIComponent(url)}`);
  const table = make("table");
  table.append(...data.timeline.map(({ time, step, ...more }) => line(cell("", "fixed soft", moment(time)), cell("", "", step),
    cell("", "small", Object.entries(more).map(([name, value]) => `${name} ${value}`).join(", ")))));
  return [make("h2", "What became of it"), outward(data.url || url), fact("state", data.state), fact("next", moment(data.next)), table];
}

async function show() {
  clearTimeout(timer);
  try {
    const [stats, listed, dead, told] = await Promise.all(
      ["/v1/stats", "/v1/documents?limit=20", "/v1/dead?limit=8", "/v1/stories?limit=100"].map(ask));
    stories = Object.fromEntries(told.stories.map((item) => [item.id, item]));
    sum(stats);
    processes(stats.processes);
    $("waiting").replaceChildren(...Object.entries(stats.waiting).map((pair) => number(...pair)));
    $("queues").replaceChildren(...Object.entries(stats.queues).map((pair) => number(...pair)));
    const { used, budget } = stats.memory;
    $("kept").replaceChildren(number("documents", stats.documents),
      number("memory", budget ? `${size(used)} of ${size(budget)}` : size(used)));
    $("streams").replaceChildren(...Object.entries(stats.streams).map((pair) => number(...pair)));
    $("groups-part").hidden = !(stats.groups || []).length;
    rows("groups", (stats.groups || []).map(group), "");
    rows("dead", dead.dead.map(letter), "Nothing was given up.");
    rows("documents", listed.documents.map(row), "No document yet. Hand some in: wireroom submit FOLDER");
    $("main").hidden = false;
    say(`as of ${new Date().toISOString().slice(11, 19)} UTC`);
  } catch (error) {
    say(error.message, true);
  }
  timer = setTimeout(show, EVERY);
}

$("close").addEventListener("click", () => $("sheet").close());
$("sheet").addEventListener("close", () => history.replaceState(null, "", location.pathname));
window.addEventListener("hashchange", open);
$("save").addEventListener("click", open);
begin(show);
open();
