// Verdaccio as a child of the backend. The configuration comes as the first line of stdin, so that its secret is in
// no file and no argument; the port goes out as a line of JSON; and when stdin closes, whatever the reason, it ends.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const lines = createInterface({ input: process.stdin });
lines.once("line", async (line) => {
  const { runServer } = createRequire(import.meta.url)(process.argv[2]);
  const server = await runServer(JSON.parse(line));
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => process.stdout.write(JSON.stringify({ port: server.address().port }) + "\n"));
});
lines.once("close", () => process.exit(0));
