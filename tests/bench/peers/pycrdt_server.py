"""pycrdt-websocket on uvicorn and uvloop; arguments: memory | sqlite FILE. Prints its port."""

import asyncio
import sys

import uvicorn
from pycrdt.store import SQLiteYStore
from pycrdt.websocket import ASGIServer, WebsocketServer
from pycrdt.websocket.yroom import YRoom


class Stored(WebsocketServer):
    """Rooms that keep their updates in SQLite."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._store = type("Store", (SQLiteYStore,), {"db_path": path})

    async def get_room(self, name: str) -> YRoom:
        if name not in self.rooms:
            store = self._store(name)
            room = self.rooms[name] = YRoom(ready=False, ystore=store, log=self.log)
            assert self._task_group is not None
            await self._task_group.start(store.start)
            try:
                await store.apply_updates(room.ydoc)
            except Exception:
                pass
            room.ready = True
        await self.start_room(self.rooms[name])
        # What comes before would be in the text and not in the store.
        await self.rooms[name].ydoc_observed.wait()
        return self.rooms[name]


async def main() -> None:
    mode, *rest = sys.argv[1:]
    rooms = Stored(rest[0]) if mode == "sqlite" else WebsocketServer()
    config = uvicorn.Config(
        ASGIServer(rooms), host="127.0.0.1", port=0, loop="uvloop", log_level="warning", access_log=False,
        ws_per_message_deflate=False, ws_max_size=2**26,
    )
    server = uvicorn.Server(config)
    async with rooms:
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await serving


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
