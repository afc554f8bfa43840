// Serves Workers by Miniflare's workerd for chittylocal. Started by runtime.py as
//   node host.mjs MINIFLARE
// and told what to do by JSON lines on stdin (nothing about a Worker stands in argv, the environment or a file):
//   {"id": 1, "op": "apply", "workers": [...], "options": {...}}  ->  {"id": 1, "url": "http://127.0.0.1:PORT"}
// or {"id": 1, "error": "what workerd said", "code": "ERR_RUNTIME_FAILURE"}. Lines without an id are what Workers print:
//   {"log": "text", "level": "info"}.
// When stdin ends, whoever started us is gone: we stop workerd and go, too.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const { Miniflare, Log, LogLevel, convertV4MiniflareOptions } = await import(pathToFileURL(process.argv[2]));
say({ ready: true });

let miniflare;

// The Worker in front of all others. It passes a request to the version that edge.py chose (service bindings go
// through a version's static assets as on Cloudflare), and turns what a version throws into Cloudflare's error.
const EDGE = `
export default {
	async fetch(request, env) {
		const version = env[request.headers.get("Chittylocal-Version")];
		const forwarded = new Request(request);
		forwarded.headers.delete("Chittylocal-Version");
		try {
			return await version.fetch(forwarded);
		} catch (error) {
			console.error(error?.stack ?? String(error));
			return new Response("error code: 1101", { status: 500 });
		}
	},
};`;

function edge(workers) {
	const serviceBindings = Object.fromEntries(workers.map(({ name }) => [name, name]));
	return {
		name: "chittylocal-edge",
		modules: [{ type: "ESModule", path: "/edge.js", text: EDGE }],
		modulesRoot: "/",
		compatibilityDate: "2026-01-01",
		stripCfConnectingIp: false,
		serviceBindings,
	};
}

/** The module's content lies in the state folder under its hash; JSON would only copy it. */
function withContents(worker) {
	if (worker.scriptFile) {
		const { scriptFile, ...rest } = worker;
		return { ...rest, modules: false, script: readFileSync(scriptFile, "utf8") };
	}
	const modules = worker.modules.map(({ type, path, file, text }) => {
		const contents = file === undefined ? text : readFileSync(file);
		return { type, path, contents: contents instanceof Buffer && type !== "Data" && type !== "CompiledWasm" ? contents.toString() : contents };
	});
	return { ...worker, modules };
}

const operations = {
	async apply({ workers, options }) {
		const all = convertV4MiniflareOptions({
			...options,
			host: "127.0.0.1",
			port: 0,
			logRequests: false,
			log: new Log(LogLevel.NONE),
			handleStructuredLogs: ({ level, message }) => say({ log: message, level }),
			workers: [edge(workers), ...workers].map(withContents),
		});
		try {
			if (miniflare) await miniflare.setOptions(all);
			else miniflare = new Miniflare(all);
			return { url: (await miniflare.ready).origin };
		} catch (error) {
			// An instance that failed once can't be trusted to start the next time.
			await miniflare?.dispose().catch(() => {});
			miniflare = undefined;
			throw error;
		}
	},
};

let queue = Promise.resolve();
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on("line", (line) => {
	const { id, op, ...message } = JSON.parse(line);
	queue = queue.then(async () => {
		try {
			say({ id, ...(await operations[op](message)) });
		} catch (error) {
			say({ id, error: error.message ?? String(error), code: error.code });
		}
	});
});
lines.on("close", async () => {
	setTimeout(() => process.exit(0), 2000).unref();
	await miniflare?.dispose().catch(() => {});
	process.exit(0);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => lines.close());
