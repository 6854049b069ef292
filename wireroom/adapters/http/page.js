"use strict";
// Everything shown is set as text, never as markup: what came from a page on the web stays harmless.
const TOKEN = "wireroom-token";
const $ = (id) => document.getElementById(id);

function make(tag, text, kind) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = String(text);
  if (kind) element.className = kind;
  return element;
}

async function ask(path) {
  const token = sessionStorage.getItem(TOKEN);
  const answer = await fetch(path, token ? { headers: { Authorization: `Bearer ${token}` } } : {});
  $("token").hidden = answer.status !== 401;
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail || `${path} answered ${answer.status}`);
  }
  return answer.json();
}

function say(text) {
  $("say").textContent = text;
}

function begin(show) {
  $("save").addEventListener("click", () => {
    sessionStorage.setItem(TOKEN, $("given").value.trim());
    $("given").value = "";
    show();
  });
  $("given").addEventListener("keydown", (event) => {
    if (event.key === "Enter") $("save").click();
  });
  show();
}
