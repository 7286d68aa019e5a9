/**
 * Whose words these are: who proposed them, when and why, what became of them, who ruled and who recorded it. From the record alone;
 * for base text, which nobody proposed, the server is asked which act put it on the table.
 *
 * Opens 300 ms after the pointer rests on marked words, or with F2. It stays while pointer or focus is on the words or on it, and goes
 * with Escape (WCAG 1.4.13).
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AmendmentId, ParagraphId } from "../model/marks";
import { isOpen, type Amendment } from "../model/record";
import { STATUS_WORDS } from "../terms";
import { amendmentsOn, ASK, openCard } from "./asking";
import { Outcomes } from "./card_whole";
import { kindWord, numberOf } from "./kind_words";
import { Code, Codes } from "./party";
import type { PageState } from "./state";
import { moment } from "./times";
import { usePage } from "./watch";

const REST_MS = 300;
const LEAVE_MS = 250;

interface Asked {
  readonly ids: readonly AmendmentId[];
  /** The paragraph, where the words are base text. */
  readonly base: ParagraphId;
  /** Where the words are, in the window. */
  readonly at: { readonly left: number; readonly top: number; readonly bottom: number };
  readonly byKey: boolean;
}

export function Provenance({ page }: { page: PageState }) {
  usePage(page);
  const [asked, setAsked] = useState<Asked | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const timer = useRef(0);
  const element = page.editor?.element ?? null;

  const keep = (): void => clearTimeout(timer.current);
  const leave = (): void => {
    keep();
    timer.current = window.setTimeout(() => setAsked((now) => (now?.byKey ? now : null)), LEAVE_MS);
  };

  useEffect(() => {
    if (!element) return;
    const over = (event: PointerEvent): void => {
      if (event.pointerType === "touch" || event.buttons !== 0) return;
      const target = event.target instanceof Element ? event.target : null;
      const ids = amendmentsOn(target, element);
      if (ids.length === 0 || !target) return leave();
      keep();
      timer.current = window.setTimeout(() => setAsked(askedOf(ids, target, false)), REST_MS);
    };
    const asking = (event: Event): void => {
      const { ids, target } = (event as CustomEvent<{ ids: readonly AmendmentId[]; target: Element }>).detail;
      keep();
      setAsked(askedOf(ids, target, true));
    };
    const typing = (): void => setAsked(null);
    element.addEventListener("pointerover", over);
    element.addEventListener("pointerleave", leave);
    element.addEventListener("beforeinput", typing);
    element.addEventListener(ASK, asking);
    return () => {
      keep();
      element.removeEventListener("pointerover", over);
      element.removeEventListener("pointerleave", leave);
      element.removeEventListener("beforeinput", typing);
      element.removeEventListener(ASK, asking);
    };
  }, [element]);

  const covered = page.choices.dialog !== null;
  useEffect(() => {
    if (!covered) return;
    keep();
    setAsked(null);
  }, [covered]);

  useEffect(() => {
    if (!asked) return;
    const away = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      setAsked(null);
      if (asked.byKey) {
        event.preventDefault();
        page.editor?.focus();
      }
    };
    const scrolled = (): void => setAsked(null);
    addEventListener("keydown", away, true);
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      removeEventListener("keydown", away, true);
      removeEventListener("scroll", scrolled);
    };
  }, [asked]);

  useLayoutEffect(() => {
    if (!asked || !box.current) return;
    const { offsetWidth, offsetHeight } = box.current;
    const left = Math.max(8, Math.min(asked.at.left, innerWidth - offsetWidth - 8));
    const below = asked.at.bottom + 6;
    const top = below + offsetHeight > innerHeight - 8 ? Math.max(8, asked.at.top - offsetHeight - 6) : below;
    box.current.style.left = `${Math.round(left)}px`;
    box.current.style.top = `${Math.round(top)}px`;
    if (asked.byKey) box.current.focus();
  }, [asked]);

  const found = asked?.ids.map((id) => page.facts.record.amendments.get(id)).filter((one) => one !== undefined) ?? [];
  if (!asked || (found.length === 0 && asked.base === "")) return null;
  return (
    <div
      ref={box}
      class="provenance"
      role="dialog"
      aria-label="Whose words these are"
      tabIndex={-1}
      onPointerEnter={keep}
      onPointerLeave={leave}
    >
      {found.map((amendment) => (
        <Entry key={amendment.id} page={page} amendment={amendment} close={() => setAsked(null)} />
      ))}
      {found.length === 0 && <BaseText key={asked.base} page={page} paragraph={asked.base} />}
    </div>
  );
}

function askedOf(ids: readonly AmendmentId[], target: Element, byKey: boolean): Asked {
  const rects = target.getClientRects();
  const rect = rects[0] ?? target.getBoundingClientRect();
  const base = ids.length > 0 ? "" : (target.closest<HTMLElement>("p[data-id]")?.dataset["id"] ?? "");
  return { ids, base, at: { left: rect.left, top: rect.top, bottom: rect.bottom }, byKey };
}

/** Of `TracedParagraph` (server/api/web_shapes/history.py) what is told here. */
interface Traced {
  readonly stretches: readonly {
    readonly founding: { readonly seq: number; readonly at: string; readonly act: string; readonly name: string; readonly source: string } | null;
  }[];
}

function BaseText({ page, paragraph }: { page: PageState; paragraph: ParagraphId }) {
  const [traced, setTraced] = useState<Traced>({ stretches: [] });
  const way = page.addresses.history(paragraph);
  useEffect(() => {
    // Without an answer the page says the same, and more.
    void fetch(`/api${way}`)
      .then(async (answer) => answer.ok && setTraced((await answer.json()) as Traced))
      .catch(() => {});
  }, []);
  const acts = new Map(traced.stretches.flatMap(({ founding }) => (founding ? [[founding.seq, founding]] : [])));
  return (
    <section class="provenance-entry">
      <p class="provenance-head">
        <b>Base text</b>
      </p>
      <p>Nobody proposed these words.</p>
      {Array.from(acts.values(), ({ seq, act, at, name, source }) => (
        <p key={seq}>
          {act === "import" ? "Put on the table with the first text" : "Put in by the secretariat"}, {moment(at, page.zone)}
          {name !== "" && (
            <>
              {" by "}
              <bdi>{name}</bdi>
            </>
          )}
          {source !== "" && <bdi class="quiet"> ({source})</bdi>}
        </p>
      ))}
      <a href={way}>Where every word of this paragraph comes from</a>
    </section>
  );
}

function Entry({ page, amendment, close }: { page: PageState; amendment: Amendment; close: () => void }) {
  const { zone } = page;
  const edits = page.editsOf(amendment);
  const pending = isOpen(amendment);
  return (
    <section class={`provenance-entry region-${page.party(amendment.delegation).region}`}>
      <p class="provenance-head">
        <Code page={page} code={amendment.delegation} /> <b>{page.party(amendment.delegation).name}</b>
        {amendment.sponsors.length > 0 && (
          <>
            {" with "}
            <Codes page={page} codes={amendment.sponsors} />
          </>
        )}
      </p>
      <p>
        {kindWord(amendment, edits)} {numberOf(amendment)}
        {amendment.revision > 0 && `, revision ${amendment.revision}`}, <b>{STATUS_WORDS[amendment.status]}</b>
      </p>
      {amendment.reason !== "" && (
        <p>
          <span class="quiet">Reason:</span> <bdi>{amendment.reason}</bdi>
        </p>
      )}
      {amendment.source !== "" && amendment.source !== "placeholder" && <p class="quiet">From {amendment.source}</p>}
      {amendment.decisions.length > 0 && <Outcomes page={page} amendment={amendment} />}
      <p class="quiet">
        <bdi>{amendment.author}</bdi>, <time dateTime={amendment.createdAt}>{moment(amendment.createdAt, zone)}</time>
      </p>
      <a href={page.addresses.history(page.placeOf(amendment))}>Where every word of this paragraph comes from</a>
      {pending && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            close();
            openCard(page, amendment.id);
          }}
        >
          Open the card
        </button>
      )}
    </section>
  );
}
