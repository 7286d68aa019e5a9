/**
 * Pages of the product in one Node process, driven over standard input and output: one JSON object per line each way.
 *
 *     open   page, member, scope, party, plain, tidying    -> {sent}   the frames with which it begins
 *     hear   frames: {page: [hex]}, click                  -> {page: what it shows and wrote (support/watched_page.ts)}
 *     draft  page, seed                                    -> {act, sent}   one random act of a person
 *     click  page                                          -> how many updates y-prosemirror makes of a click
 *     close  page
 *     seed   seed                                          what is minted is drawn from it
 */

import { seedIds } from "./support/page_globals";
import { createInterface } from "node:readline";
import type { PageOptions, WatchedPage } from "./support/watched_page";

const { WatchedPage: Page } = await import("./support/watched_page");
const pages = new Map<string, WatchedPage>();
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

interface Asked {
  readonly do: string;
  readonly page: string;
  readonly seed: number;
  readonly click: number;
  readonly frames: Readonly<Record<string, readonly string[]>>;
}

function pageOf({ page }: Asked): WatchedPage {
  const found = pages.get(page);
  if (!found) throw new Error(`there is no page ${page}`);
  return found;
}

async function act(asked: Asked & PageOptions): Promise<unknown> {
  switch (asked.do) {
    case "open": {
      const page = new Page(asked);
      pages.set(asked.page, page);
      return { sent: await page.start() };
    }
    case "hear": {
      const looks: Record<string, unknown> = {};
      for (const [name, frames] of Object.entries(asked.frames)) {
        const page = pageOf({ ...asked, page: name });
        await page.hear(frames.map(bytes));
        looks[name] = page.look(asked.click);
      }
      return looks;
    }
    case "draft":
      return pageOf(asked).draft(asked.seed);
    case "click":
      return pageOf(asked).clickPlain();
    case "close":
      await pageOf(asked).close();
      return pages.delete(asked.page);
    case "seed":
      return seedIds(asked.seed);
    default:
      throw new Error(`nobody can ${asked.do}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer: object;
  try {
    answer = { done: (await act(JSON.parse(line) as Asked & PageOptions)) ?? null };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
