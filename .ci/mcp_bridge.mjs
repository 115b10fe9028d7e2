// Puts a server that speaks over stdin and stdout behind HTTP on the loopback, for clients that know
// nothing else: each session of a client gets a process of its own.
//
//   node mcp_bridge.mjs <folder with node_modules> <program>
//
// Prints its address, and goes on until it is ended.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, program] = process.argv.slice(2);
const { resolve } = createRequire(join(folder, "package.json"));
const load = (path) => import(pathToFileURL(resolve(`@modelcontextprotocol/sdk/${path}`)));
const { StreamableHTTPServerTransport } = await load("server/streamableHttp.js");
const { StdioClientTransport } = await load("client/stdio.js");

const sessions = new Map();

async function begin() {
    const inside = new StdioClientTransport({ command: program, args: ["mcp"] });
    const outside = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => sessions.set(id, outside),
    });
    inside.onmessage = (message) => outside.send(message);
    outside.onmessage = (message) => inside.send(message);
    outside.onclose = () => inside.close();
    await inside.start();
    await outside.start();
    return outside;
}

const server = createServer(async (request, response) => {
    const known = sessions.get(request.headers["mcp-session-id"]);
    await (known ?? (await begin())).handleRequest(request, response);
});
server.listen(0, "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${server.address().port}/mcp`);
});
