/** Comments: the button in the tools with its key, and the place of the list, which comes as a file of its own when it is opened. */

import { useEffect, useReducer, useState } from "preact/hooks";
import { PANELS } from "../terms";
import type { PageState } from "./state";
import { asksToComment, threadsOf, type ThreadsFeed } from "./threads_feed";

type List = typeof import("./threads_list");

export function CommentsButton({ page }: { page: PageState }) {
  const feed = useThreads(page);
  const mac = /Mac|iP/.test(navigator.platform);
  const count = feed.openCount;
  return (
    <button
      type="button"
      class="tool comments-button"
      aria-expanded={feed.open}
      aria-keyshortcuts={mac ? "Meta+Alt+M" : "Control+Alt+M"}
      title={`Comment on the selected words (${mac ? "⌘⌥M" : "Ctrl+Alt+M"})`}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => {
        if (feed.open) feed.show(false);
        else if (page.editor?.caret?.words) feed.ask();
        else feed.show(true);
      }}
    >
      Comments{count > 0 && <span class="number"> {count}</span>}
    </button>
  );
}

/** The list beside the text, once somebody opens it. */
export function Comments({ page }: { page: PageState }) {
  const feed = useThreads(page);
  const [list, setList] = useState<List | null>(null);
  useEffect(() => feed.start(), [feed]);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (!asksToComment(event)) return;
      event.preventDefault();
      feed.ask();
    };
    document.addEventListener("keydown", key, true);
    return () => document.removeEventListener("keydown", key, true);
  }, [feed]);
  useEffect(() => {
    if (!feed.open || list) return;
    import("./threads_list").then(setList, () => {
      feed.show(false);
      page.tell({ tone: "refused", text: PANELS.missing });
    });
  }, [feed.open]);
  return feed.open && list ? <list.ThreadsList page={page} feed={feed} /> : null;
}

export function useThreads(page: PageState): ThreadsFeed {
  const feed = threadsOf(page);
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => feed.subscribe(() => redraw(undefined)), [feed]);
  return feed;
}
