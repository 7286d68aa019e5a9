/** Where one drafts: in the delegation's own workspace, or in a group's. Each is a page of its own. */

import type { PageState } from "./state";

const DRAFTING_IN = { label: "Drafting in", alone: "No workspace of your own", group: "The group" } as const;

export function DraftingIn({ page }: { page: PageState }) {
  const { opinion, groups = [], group, member } = page.bootstrap;
  const base = `/opinions/${encodeURIComponent(opinion.id)}`;
  const own = member.delegation === "" ? DRAFTING_IN.alone : page.party(member.delegation).name;
  return (
    <div class="tool-group drafting-in">
      <label class="typing-for">
        {DRAFTING_IN.label}
        <select
          value={group?.code ?? ""}
          disabled={page.session.sending > 0}
          onChange={({ currentTarget: { value } }) => location.assign(value === "" ? base : `${base}?group=${encodeURIComponent(value)}`)}
        >
          <option value="">{own}</option>
          {groups.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {group && !group.submits && (
        <a class="tool" href={`${base}/groups/${encodeURIComponent(group.code)}`}>
          {DRAFTING_IN.group}
        </a>
      )}
    </div>
  );
}
