/** Puts the panels into the places that the page has for them (`server/templates/opinion.html`), and wires the keys of the page. */

import { render } from "preact";
import { Ruler } from "./anchors";
import { Cards } from "./cards";
import { OfflineBar } from "./connection";
import { Dialogs } from "./dialogs";
import { Gutter } from "./gutter";
import { Header, nextView } from "./header";
import { Later } from "./later";
import { ParagraphMenu } from "./paragraph_chip";
import { Side } from "./side";
import type { PageState } from "./state";
import { ToldList } from "./told";
import { Toolbar } from "./toolbar";
import { useChanges } from "./watch";
import { UnsentBar } from "./unsent_bar";
import { askedWhose } from "./whose";
import { CLOSED_WORDS, FOR_NOBODY } from "../terms";

/** Where the editor goes, inside the sheet. */
export interface Places {
  readonly editor: HTMLElement;
}

/** Draws the sheet and gives back where the editor is to be mounted; the panels follow once it is. */
export function layOut(page: Document): Places {
  const text = place(page, "text");
  const sheet = element(page, "div", "editor-sheet");
  sheet.append(
    element(page, "div", "gutter-place"),
    element(page, "div", "live-text opinion-text"),
    element(page, "div", "server-view"),
  );
  const loading = text.querySelector(".loading");
  if (loading) sheet.append(loading);
  text.replaceChildren(sheet);
  const bar = element(page, "div", "editor-bar");
  const offline = element(page, "div", "offline-place");
  const head = place(page, "head");
  head.before(bar);
  bar.append(head, place(page, "toolbar"), offline);
  return { editor: within(sheet, ".live-text") };
}

export function mountPanels(page: PageState, document: Document): void {
  const sheet = within(place(document, "text"), ".editor-sheet");
  const head = place(document, "head");
  head.replaceChildren();
  sheet.querySelector(".loading")?.remove();
  render(<Header page={page} />, head);
  render(<Toolbar page={page} />, place(document, "toolbar"));
  render(<OfflineBar page={page} />, within(document, ".offline-place"));
  render(<Side page={page} />, place(document, "outline"));
  render(<Cards page={page} />, place(document, "cards"));
  render(<Gutter page={page} />, within(sheet, ".gutter-place"));
  render(<ServerView page={page} />, within(sheet, ".server-view"));
  render(
    <>
      <Dialogs page={page} />
      <ParagraphMenu page={page} />
      <Later page={page} draw={({ Alongside }) => <Alongside page={page} />} />
      <ToldList page={page} />
      <UnsentBar page={page} />
    </>,
    place(document, "dialogs"),
  );
  const ruler = new Ruler(page);
  let shown = page.choices.view;
  showView(page, sheet);
  page.subscribe(() => {
    if (shown === page.choices.view) return;
    shown = page.choices.view;
    showView(page, sheet);
    ruler.later();
  });
  ruler.start();
  followBar(document);
  document.addEventListener("keydown", (event) => pageKeys(page, event));
}

/** In place of the text, when it cannot be opened at all. */
export function showTrouble(page: Document, error: unknown): void {
  console.error(error);
  const reason = error instanceof Error ? error.message : "";
  const note = element(page, "p", "note danger");
  note.setAttribute("role", "alert");
  note.textContent =
    reason in CLOSED_WORDS ? CLOSED_WORDS[reason as keyof typeof CLOSED_WORDS] : `The text could not be opened. ${reason}`;
  const again = page.createElement("a");
  again.className = "button";
  again.href = page.location.href;
  again.textContent = "Load the page again";
  const sheet = page.querySelector(".editor-sheet") ?? place(page, "text");
  sheet.replaceChildren(note, again);
}

/** The views that the server renders. */
function ServerView({ page }: { page: PageState }) {
  useChanges(page);
  const { view } = page.choices;
  if (view === "marked") return null;
  return <Later page={page} draw={({ ServerText }) => <ServerText key={view} page={page} view={view} />} />;
}

function showView(page: PageState, sheet: HTMLElement): void {
  const marked = page.choices.view === "marked";
  within(sheet, ".live-text").hidden = !marked;
  within(sheet, ".gutter-place").hidden = !marked;
  sheet.closest(".editor-columns")?.classList.toggle("alone", !marked);
}

/**
 * What sticks under the bar, and what is scrolled to, keeps clear of it whatever its height. `--bar` is its height while it sticks,
 * `--bar-end` where it ends in the window now: lower as long as the page's own head is in sight.
 */
function followBar(document: Document): void {
  const bar = within(document, ".editor-bar");
  const { style } = document.documentElement;
  let waiting = 0;
  const measure = (): void => {
    waiting = 0;
    const sticks = getComputedStyle(bar).position === "sticky";
    const { bottom, height } = bar.getBoundingClientRect();
    style.setProperty("--bar", `${sticks ? Math.ceil(height) : 0}px`);
    style.setProperty("--bar-end", `${Math.max(0, Math.ceil(bottom))}px`);
  };
  const later = (): void => void (waiting ||= requestAnimationFrame(measure));
  measure();
  new ResizeObserver(later).observe(bar);
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later, { passive: true });
}

/** F1, F2, F4 anywhere; F8 and F9 also outside the text. */
function pageKeys(page: PageState, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const by = event.shiftKey ? -1 : 1;
  switch (event.key) {
    case "F1":
      page.choose({ dialog: { name: "help" } });
      break;
    case "F2":
      if (!askedWhose(page)) return;
      break;
    case "F4":
      page.choose({ view: nextView(page.choices.view) });
      break;
    case "F8":
      page.editor?.nextChange(by);
      break;
    case "F9":
      page.editor?.nextBracket(by);
      break;
    default:
      if (event.key.length === 1) typedForNobody(page, event);
      return;
  }
  event.preventDefault();
}

/** Says, once, why nothing happens when the secretariat types before it has chosen for whom. */
function typedForNobody(page: PageState, event: KeyboardEvent): void {
  const { session, editor, choices } = page;
  const unchosen = session.party === "" && session.parties.length > 1;
  if (!unchosen || !(event.target instanceof Node) || !editor?.element.contains(event.target)) return;
  if (choices.told.every(({ text }) => text !== FOR_NOBODY)) page.tell({ tone: "plain", text: FOR_NOBODY });
}

function place(page: Document, id: string): HTMLElement {
  const found = page.getElementById(id);
  if (!found) throw new Error(`This page lacks the place #${id}. Load it again.`);
  return found;
}

function within(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`This page lacks ${selector}. Load it again.`);
  return found;
}

function element(page: Document, tag: string, classes: string): HTMLElement {
  const made = page.createElement(tag);
  made.className = classes;
  return made;
}
