// Real Ruby (as WebAssembly) beside Node. Two uses:
//   node load.mjs           stdin: a JSON array of formulae; stdout: what each says on each machine, as JSON (formula.rb)
//   node load.mjs -c …      stdin: a program; the same as `ruby -c …`: its syntax is checked, nothing of it runs
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const packages = process.env.CHITTY_RUBY ?? new URL("../../.tools/ruby/", import.meta.url).pathname;
const { RubyVM } = await import(`${packages}/node_modules/@ruby/wasm-wasi/dist/esm/vm.js`);
const binary = await readFile(`${packages}/node_modules/@ruby/3.4-wasm-wasi/dist/ruby.wasm`);

const args = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", returnOnExit: true });
const instance = await WebAssembly.compile(binary);
if (args.length > 0) {
  await RubyVM.instantiateModule({ module: instance, wasip1: wasi, args: ["ruby", ...args] });
} else {
  const { vm } = await RubyVM.instantiateModule({ module: instance, wasip1: wasi });
  vm.eval(await readFile(new URL("formula.rb", import.meta.url), "utf8"));
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const texts = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const said = texts.map((text) => vm.eval(`said("${Buffer.from(text, "base64").toString("base64")}")`).toString());
  console.log(`[${said.join(",\n")}]`);
}
