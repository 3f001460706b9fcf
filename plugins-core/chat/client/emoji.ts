/** The button for emoji beside the writing field. The picker itself is a part: nobody loads it who does not open it. */
import { controls } from '../../client/client/index.ts';
import type { Mounted } from '../../client/client/index.ts';
import type { ChatContext } from './context.ts';

controls.add<ChatContext>('chat/composer', {
  name: 'emoji',
  weight: -10,
  mount(element, { composer, parts, ui, storage }) {
    // The keyboards of phones and tablets have them at hand.
    if (!parts.has('emoji') || matchMedia('(hover: none)').matches) return undefined;
    const button = ui.element('chat/emoji_button', {});
    element.append(button);
    let picker: Mounted | undefined;
    let loading = false;

    function close(): void {
      picker?.stop();
      picker = undefined;
      button.setAttribute('aria-expanded', 'false');
    }
    button.onclick = async () => {
      if (loading) return;
      if (picker) return close();
      loading = true;
      try {
        picker = await parts.mount('emoji', element, {
          storage,
          // A click on the button is no click outside.
          inside: element,
          close(refocus: boolean) {
            close();
            if (refocus) button.focus();
          },
          pick(emoji: string) {
            close();
            composer.insert(emoji);
            composer.focus();
          },
        });
        button.setAttribute('aria-expanded', 'true');
        picker.focus?.();
      } finally {
        loading = false;
      }
    };
    return close;
  },
});
