// @y/websocket-server; arguments: memory | leveldb DIRECTORY. Prints its port.
import http from "node:http";
import { setPersistence, setupWSConnection } from "@y/websocket-server/utils";
import WebSocket from "ws";

const [mode, directory] = process.argv.slice(2);
if (mode === "leveldb") {
  const { LeveldbPersistence } = await import("y-leveldb");
  const { encodeStateAsUpdate } = await import("yjs");
  // The server brings a Yjs of its own; its documents know no other's functions.
  const { applyUpdate } = await import(new URL("../node_modules/yjs/src/index.js", import.meta.resolve("@y/websocket-server/utils")));
  const store = new LeveldbPersistence(directory);
  setPersistence({
    provider: store,
    bindState: async (name, doc) => {
      doc.on("update", (update, origin) => origin === store || store.storeUpdate(name, update));
      applyUpdate(doc, encodeStateAsUpdate(await store.getYDoc(name)), store);
    },
    writeState: async () => {},
  });
}
const sockets = new WebSocket.Server({ noServer: true });
sockets.on("connection", setupWSConnection);
const server = http.createServer((_, response) => response.end("ok"));
server.on("upgrade", (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (one) => sockets.emit("connection", one, request)),
);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
