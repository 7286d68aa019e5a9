/** The parts of the console's page: those that changed are put in place, and what somebody is typing or looking at stays. */

export interface Fetched {
  readonly seq: number;
  readonly queue: readonly string[];
  readonly parts: Readonly<Record<string, string>>;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export const partsOf = (page: ParentNode): HTMLElement[] => [...page.querySelectorAll<HTMLElement>("[data-part]")];

/** What was typed and not sent, by the ids of its fields; an id names the row too, so it comes back with the row. */
export class Typed {
  readonly #kept = new Map<string, string | boolean>();

  keep(within: ParentNode): void {
    for (const field of fieldsIn(within)) {
      if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
        if (field.checked !== field.defaultChecked) this.#kept.set(field.id, field.checked);
        else this.#kept.delete(field.id);
      } else if (field.value !== asSent(field)) this.#kept.set(field.id, field.value);
      else this.#kept.delete(field.id);
    }
  }

  putBack(within: ParentNode): void {
    for (const field of fieldsIn(within)) {
      const kept = this.#kept.get(field.id);
      if (typeof kept === "boolean" && field instanceof HTMLInputElement) field.checked = kept;
      else if (typeof kept === "string") field.value = kept;
    }
  }

  /** The texts, for when the page is loaded again; ticks and choices are made anew then. */
  texts(within: ParentNode): [string, string][] {
    this.keep(within);
    return [...this.#kept].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  }

  take(texts: readonly (readonly [string, string])[], within: ParentNode): void {
    for (const [id, text] of texts) this.#kept.set(id, text);
    this.putBack(within);
  }

  forget(within: ParentNode): void {
    for (const { id } of fieldsIn(within)) this.#kept.delete(id);
  }
}

const fieldsIn = (within: ParentNode): Field[] =>
  [...within.querySelectorAll<Field>("input[id]:not([type=hidden]), textarea[id], select[id]")];

function asSent(field: Field): string {
  if (!(field instanceof HTMLSelectElement)) return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
}

/** Puts changed parts into the page. Returns the names of those that were replaced. */
export function put(page: HTMLElement, fetched: Fetched, typed: Typed): string[] {
  const held = focusOf(page);
  const present = new Map(partsOf(page).map((part) => [part.dataset["part"] ?? "", part]));
  const table = page.querySelector("table");
  const replaced: string[] = [];
  for (const [name, html] of Object.entries(fetched.parts)) {
    const template = page.ownerDocument.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild as HTMLElement | null;
    if (!fresh) continue;
    const old = present.get(name);
    if (old) {
      typed.keep(old);
      for (const open of old.querySelectorAll<HTMLDetailsElement>("details[id]")) {
        const same = fresh.querySelector<HTMLDetailsElement>(`[id="${open.id}"]`);
        if (same) same.open = open.open;
      }
      old.replaceWith(fresh);
    } else table?.append(fresh);
    typed.putBack(fresh);
    present.set(name, fresh);
    replaced.push(name);
  }
  arrange(table, present, fetched.queue);
  held?.(page);
  return replaced;
}

function arrange(table: HTMLElement | null, present: ReadonlyMap<string, HTMLElement>, order: readonly string[]): void {
  if (!table) return;
  const wanted = new Set(order);
  for (const [name, part] of present) if (name.startsWith("q-") && !wanted.has(name)) part.remove();
  let place: Element | null = table.querySelector("tbody");
  for (const name of order) {
    const part = present.get(name);
    if (!part) continue;
    if (part === place) place = place.nextElementSibling;
    else table.insertBefore(part, place);
  }
}

/** Where the focus is, as what puts it back into a page whose elements are others; null when it is elsewhere. */
function focusOf(page: HTMLElement): ((page: HTMLElement) => void) | null {
  const element = page.ownerDocument.activeElement;
  if (!(element instanceof HTMLElement) || !page.contains(element)) return null;
  const way = wayTo(element);
  if (way === "") return null;
  const caret = element instanceof HTMLInputElement && element.type === "text" ? [element.selectionStart, element.selectionEnd] : null;
  return (after) => {
    if (element.isConnected) return;
    const same = after.querySelector<HTMLElement>(way);
    same?.focus({ preventScroll: true });
    if (caret && same instanceof HTMLInputElement) same.setSelectionRange(caret[0] ?? null, caret[1] ?? null);
  };
}

function wayTo(element: HTMLElement): string {
  if (element.id) return `[id="${element.id}"]`;
  const form = element.closest("form");
  const name = form?.querySelector<HTMLInputElement>("input[name=form]")?.value;
  if (!form || !name) return "";
  const value = element instanceof HTMLButtonElement && element.name ? `[value="${element.value}"]` : "";
  return `form:has(> input[name=form][value="${name}"]) ${element.tagName.toLowerCase()}${value}`;
}
