// @vitest-environment jsdom
import { render } from "preact";
import { describe, expect, it, vi } from "vitest";
import { bringPanels, Later } from "./later";
import type { PageState } from "./state";

describe("Later", () => {
  it("draws a panel whose code comes between its first drawing and the browser's next turn", async () => {
    await import("./on_demand"); // At hand, so that it comes at once.
    const host = document.createElement("div");
    render(<Later page={{} as PageState} draw={() => <p>The dialog</p>} />, host);
    expect(host.textContent).toBe("");
    await bringPanels();
    await vi.waitFor(() => expect(host.textContent).toBe("The dialog"));
  });
});
