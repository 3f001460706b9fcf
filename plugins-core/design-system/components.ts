/**
 * Every component of the default theme with every state that it can be in: one list for the page, for its test and for
 * docs/reference/components.md, so that these cannot drift apart. The drawing of a component is `templates/server/<id>.hbs`.
 */
export interface Component {
  /** Name of its template and of its texts `component.<id>` and `component.<id>.when`. */
  readonly id: string;
  /** What to write, in the order in which it is nested or added. */
  readonly classes: readonly string[];
  /** Names of its texts `state.<name>`, in the order of the template. */
  readonly states: readonly string[];
}

export const components: readonly Component[] = [
  {
    id: 'button',
    classes: ['mb-button', '--primary', '--danger', '--quiet', '--small', '--large', '--icon', '--block'],
    states: ['primary', 'usual', 'quiet', 'danger', 'icon', 'small', 'large', 'busy', 'disabled', 'block'],
  },
  {
    id: 'field',
    classes: ['mb-field', 'mb-label', 'mb-input', 'mb-textarea', 'mb-help', 'mb-error'],
    states: ['usual', 'help', 'required', 'error', 'number', 'disabled', 'readonly', 'long', 'longError', 'file'],
  },
  {
    id: 'choice',
    classes: ['mb-select', 'mb-check', 'mb-switch', 'mb-fieldset', 'mb-segmented'],
    states: ['select', 'selectError', 'selectDisabled', 'check', 'switch', 'radio', 'segmented'],
  },
  {
    id: 'form',
    classes: ['mb-form', 'mb-form__actions', 'mb-fieldset', 'mb-failure'],
    states: ['form', 'failure'],
  },
  {
    id: 'alert',
    classes: ['mb-alert', '--info', '--success', '--warning', '--danger', 'mb-alert__text'],
    states: ['info', 'success', 'warning', 'danger', 'undo'],
  },
  {
    id: 'toast',
    classes: ['mb-toasts', 'mb-toast', '--success', '--danger'],
    states: ['usual', 'success', 'danger'],
  },
  {
    id: 'empty',
    classes: ['mb-empty', 'mb-empty__icon', 'mb-empty__title', 'mb-empty__text'],
    states: ['first', 'done', 'nothing'],
  },
  {
    id: 'skeleton',
    classes: ['mb-skeleton', '--text', '--avatar', '--title', '--block', 'mb-progress'],
    states: ['list', 'block', 'progress'],
  },
  {
    id: 'badge',
    classes: [
      'mb-badge',
      '--accent',
      '--success',
      '--warning',
      '--danger',
      '--info',
      'mb-count',
      'mb-dot',
      '--online',
      '--away',
      '--offline',
    ],
    states: ['usual', 'accent', 'success', 'warning', 'danger', 'info', 'count', 'dots'],
  },
  {
    id: 'avatar',
    classes: ['mb-avatar', '--1…--6', '--s', '--l'],
    states: ['usual', 'picture', 'small', 'large'],
  },
  {
    id: 'tabs',
    classes: ['mb-tabs', '--aside', 'mb-tab', 'mb-beside'],
    states: ['usual', 'counted', 'aside'],
  },
  {
    id: 'table',
    classes: ['mb-table-wrap', 'mb-table', '--cards', 'mb-table__number', 'mb-table__when', 'mb-table__actions'],
    states: ['usual'],
  },
  { id: 'pagination', classes: ['mb-pagination'], states: ['first', 'middle', 'last'] },
  {
    id: 'list',
    classes: ['mb-list', 'mb-list__item', '--active', '--long', 'mb-list__text', 'mb-list__meta'],
    states: ['usual'],
  },
  { id: 'facts', classes: ['mb-facts', '--beside'], states: ['usual', 'beside'] },
  {
    id: 'track',
    classes: [
      'mb-track',
      'mb-track__step',
      '--event',
      'mb-track__time',
      'mb-track__text',
      'mb-track__address',
      'mb-track__event',
      'mb-track__datum',
    ],
    states: ['usual'],
  },
  {
    id: 'figure',
    classes: ['mb-figures', 'mb-figure', 'mb-figure__value', 'mb-figure__label', 'mb-figure__link'],
    states: ['usual'],
  },
  {
    id: 'card',
    classes: ['mb-card', '--flush', 'mb-card__head', 'mb-card__title', 'mb-card__body', 'mb-card__foot', 'mb-cards'],
    states: ['usual', 'parts'],
  },
  {
    id: 'menu',
    classes: ['mb-menu', 'mb-menu__item', '--danger', 'mb-menu__label', 'mb-menu__segmented'],
    states: ['usual'],
  },
  {
    id: 'dialog',
    classes: ['mb-dialog', 'mb-dialog__head', 'mb-dialog__body', 'mb-dialog__foot'],
    states: ['usual', 'opened'],
  },
  { id: 'tooltip', classes: ['title'], states: ['button', 'time'] },
  {
    id: 'navigation',
    classes: ['mb-nav__sections', 'mb-nav__heading', 'mb-nav__list', 'mb-nav__item', 'mb-up', 'mb-brand'],
    states: ['usual', 'up', 'brand'],
  },
  {
    id: 'text',
    classes: [
      'mb-title',
      'mb-heading',
      'mb-lead',
      'mb-prose',
      'mb-muted',
      'mb-subtle',
      'mb-small',
      'mb-number',
      'mb-code',
      'mb-link',
      'mb-truncate',
      'mb-time',
    ],
    states: ['headings', 'running', 'code', 'truncate'],
  },
  {
    id: 'layout',
    classes: [
      'mb-stack',
      '--tight',
      '--loose',
      'mb-row',
      '--between',
      '--end',
      '--nowrap',
      'mb-grow',
      'mb-split',
      'mb-divider',
    ],
    states: ['stack', 'row', 'split'],
  },
];
