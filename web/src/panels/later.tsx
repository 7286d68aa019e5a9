/** Panels whose code comes after the text: `bringPanels` is called once the page stands, long before anybody opens one. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { PANELS } from "../terms";
import type { PageState } from "./state";

type Panels = typeof import("./on_demand");

let panels: Panels | null = null;

/** Brings them, if they are not here yet. Rejects without a network, and may then be called again. */
export async function bringPanels(): Promise<void> {
  panels ??= await import("./on_demand");
}

/** Draws one of them: at once when they are here, else when they have come. */
export function Later({ page, draw }: { page: PageState; draw: (panels: Panels) => ComponentChildren }) {
  const [, drawAgain] = useState(false);
  const drawn = panels !== null;
  useEffect(() => {
    // What came between the drawing and this is drawn by the promise too, which is settled by then.
    if (drawn) return;
    let shown = true;
    bringPanels().then(
      () => shown && drawAgain(true),
      () => page.tell({ tone: "refused", text: PANELS.missing }),
    );
    return () => {
      shown = false;
    };
  }, []);
  return <>{panels && draw(panels)}</>;
}
