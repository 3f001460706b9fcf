/** Where the form keeps what was typed and not sent, in the storage of the tab. */
export const draftKey = 'mibew:left-message';
