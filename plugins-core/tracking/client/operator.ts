/** Joins the workspace: who is on the site, and the way of those who are in a conversation. */
import './board/board.ts';
import './board/path.ts';
