// @hocuspocus/server; arguments: memory | sqlite FILE | batching. Prints its port.
import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";

const [mode, file] = process.argv.slice(2);
const server = new Server({
  address: "127.0.0.1",
  port: 0,
  quiet: true,
  stopOnSignals: false,
  ...(mode === "batching" ? { flushDelay: 50 } : {}),
  extensions: mode === "sqlite" ? [new SQLite({ database: file })] : [],
});
await server.listen();
console.log(server.address.port);
