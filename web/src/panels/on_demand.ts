/** The panels that are not in sight when the page opens: one file of the bundle, brought as soon as the text stands (`later.tsx`). */

export { AnyDialog } from "./any_dialog";
export { Alongside } from "./alongside";
export { BracketList } from "./bracket_list";
export { DraftingIn } from "./drafting_in";
export { CardWhole } from "./card_whole";
export { ParagraphActs } from "./paragraph_menu";
export { Proposals } from "./proposals";
export { Shown as ServerText } from "./server_view";
export { CommentsButton } from "./threads";
