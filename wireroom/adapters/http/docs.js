function schemaOf(content) {
  return Object.entries(content || {}).map(([type, body]) => {
    const part = make("div");
    part.append(make("div", type, "soft"), make("pre", JSON.stringify(body.schema, null, 2)));
    return part;
  });
}

function parameters(list) {
  const table = make("table");
  for (const parameter of list) {
    const line = make("tr");
    const name = make("td");
    name.append(make("code", parameter.name), make("span", ` ${parameter.in}`, "soft"));
    line.append(name, make("td", parameter.description), make("td", JSON.stringify(parameter.schema), "soft"));
    table.append(line);
  }
  return table;
}

function call(method, path, operation) {
  const box = make("details");
  const head = make("summary");
  head.append(make("span", method.toUpperCase(), "method"), make("code", path), make("div", operation.summary, "soft"));
  box.append(head);
  if (operation.parameters.length) box.append(make("h3", "Parameters"), parameters(operation.parameters));
  if (operation.requestBody) box.append(make("h3", "Body"), ...schemaOf(operation.requestBody.content));
  for (const [status, answer] of Object.entries(operation.responses)) {
    box.append(make("h3", `${status} ${answer.description}`));
    if (status < "300") box.append(...schemaOf(answer.content));
  }
  return box;
}

function named(name, value) {
  const box = make("details");
  const head = make("summary");
  head.append(make("code", name));
  box.append(head, make("pre", JSON.stringify(value, null, 2)));
  return box;
}

async function show() {
  try {
    const [http, streams] = await Promise.all([ask("/openapi.json"), ask("/asyncapi.json")]);
    const calls = Object.entries(http.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => call(method, path, operation)));
    $("calls").replaceChildren(...calls);
    $("streams").replaceChildren(...Object.values(streams.channels).map((channel) => {
      const box = named(channel.address, Object.keys(channel.messages).map((name) => streams.components.messages[name]));
      box.firstChild.append(make("div", channel.description, "soft"));
      return box;
    }));
    const schemas = { ...http.components.schemas, ...streams.components.schemas };
    $("schemas").replaceChildren(...Object.entries(schemas).map(([name, schema]) => named(name, schema)));
    say(`version ${http.info.version}`);
  } catch (error) {
    say(error.message, true);
  }
}

begin(show);
