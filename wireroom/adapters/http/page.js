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
  let answer;
  try {
    answer = await fetch(path, token ? { headers: { Authorization: `Bearer ${token}` } } : {});
  } catch {
    throw new Error("the service does not answer");
  }
  if (answer.status === 401) {
    $("token").hidden = false;
    throw new Error(token ? "that is not the token of this service" : "this service asks for a token");
  }
  $("token").hidden = true;
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail || `${path} answered ${answer.status}`);
  }
  return answer.json();
}

function say(text, trouble) {
  $("say").textContent = text;
  $("say").className = trouble ? "trouble" : "soft";
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
