/**
 * Who may ask for what: one line for each route and for each RPC function of the product. A route or function that is not
 * listed here fails the test: whoever adds one says in here who may use it.
 */

/** Numbers of a conversation, as an address or a call names it. */
export interface Ref {
  readonly id: number;
  readonly token: number;
}
type Params = Readonly<Record<string, string | number>>;

interface Asked {
  /** A form is posted with these fields. Without: the page is read. */
  readonly form?: Readonly<Record<string, string>>;
}
/** Holds nothing of anybody, or asks for itself; `why` says which. */
interface Everybody {
  readonly who: 'everybody';
  readonly why: string;
}
/** Any operator; with a right, only those who have it. */
interface Operators extends Asked {
  readonly who: 'operators';
  readonly right?: string;
  readonly params?: Params;
}
/** The visitor whose conversation it is. */
interface Owner extends Asked {
  readonly who: 'owner';
  readonly params: (ref: Ref) => Params;
  /** There only once he has talked with somebody. */
  readonly later?: true;
}
/** Operators in whose sight the conversation is. */
interface InSight extends Asked {
  readonly who: 'sight';
  readonly params: (ref: Ref) => Params;
  /** It is about a message that was left. */
  readonly left?: true;
}
export type RouteRule = Everybody | Operators | Owner | InSight;

const everybody = (why: string): Everybody => ({ who: 'everybody', why });
const operators = (params?: Params): Operators => ({ who: 'operators', ...(params && { params }) });
const administrators = (params?: Params): Operators => ({ ...operators(params), right: 'admin' });
const posted = <R extends RouteRule>(rule: R, form: Readonly<Record<string, string>> = {}): R => ({ ...rule, form });
const thread = ({ id, token }: Ref): Params => ({ thread: id, token });
const owner: Owner = { who: 'owner', params: thread };
const sight: InSight = { who: 'sight', params: thread };
const sightOfThread: InSight = { who: 'sight', params: ({ id }) => ({ thread: id }) };
const leftMessage: InSight = { who: 'sight', params: ({ id }) => ({ thread: id }), left: true };
const sightById: InSight = { who: 'sight', params: ({ id }) => ({ thread: id }) };

export const routes: Readonly<Record<string, RouteRule>> = {
  'kernel.health': everybody('says that the process is alive'),
  'kernel.ready': everybody('says whether requests are welcome'),

  'admin.setup': everybody('a link that is good once, by its own token'),
  'admin.setupSubmit': everybody('a link that is good once, by its own token'),
  'admin.home': everybody('leads to the dashboard'),
  'admin.dashboard': operators(),
  'admin.plugins': administrators(),
  'admin.pluginEnable': administrators({ name: 'demo' }),
  'admin.pluginEnableSubmit': posted(administrators({ name: 'demo' })),
  'admin.pluginDisable': administrators({ name: 'demo' }),
  'admin.pluginDisableSubmit': posted(administrators({ name: 'demo' })),
  'admin.changes': administrators(),
  'admin.changeUndo': posted(administrators({ id: 1 })),
  'admin.settings': administrators(),
  'admin.settingsSave': posted(administrators()),
  'admin.settingsFeatures': administrators(),
  'admin.settingsFeaturesSave': posted(administrators()),
  'admin.settingsPerformance': administrators(),
  'admin.settingsPerformanceSave': posted(administrators()),

  'chat.gateway': everybody('judges each call by itself: see the functions'),
  'chat.start': everybody('begins a conversation of the browser that asks'),
  'chat.visitor': owner,
  'chat.check': owner,
  'chat.plainMessages': owner,
  'chat.plainPost': posted(owner, { message: 'from a form' }),
  'chat.plainClose': posted(owner),
  'chat.cookieProbe': everybody('compares what the browser sent with what the browser sent'),
  'chat.popupStyleDefault': everybody('an empty style sheet'),
  'chat.popupStyle': everybody('an empty style sheet'),
  'chat.popupStyleSecure': everybody('an empty style sheet'),
  'chat.take': sightById,
  'chat.takePost': posted(sightById),
  'chat.operator': sight,

  'bans.add': sightOfThread,
  'bans.addSave': posted(sightOfThread),
  'bans.delete': operators({ ban: 1 }),
  'bans.deleteSubmit': posted(operators({ ban: 1 })),
  'bans.edit': operators({ ban: 1 }),
  'bans.editSave': posted(operators({ ban: 1 })),
  'bans.list': operators(),
  'canned.add': administrators(),
  'canned.addSave': posted(administrators()),
  'canned.delete': administrators({ message: 1 }),
  'canned.deleteSubmit': posted(administrators({ message: 1 })),
  'canned.edit': administrators({ message: 1 }),
  'canned.editSave': posted(administrators({ message: 1 })),
  'canned.list': administrators(),
  'captcha.captcha': everybody('a piece of work, signed by the server'),
  'design-system.page': administrators(),
  'design-system.sheet': administrators(),
  'groups.groupAdd': administrators(),
  'groups.groupAddSave': posted(administrators()),
  'groups.groupDelete': administrators({ group: 1 }),
  'groups.groupDeleteSave': posted(administrators({ group: 1 })),
  'groups.groupEdit': administrators({ group: 1 }),
  'groups.groupEditSave': posted(administrators({ group: 1 })),
  'groups.groupMembers': administrators({ group: 1 }),
  'groups.groupMembersSave': posted(administrators({ group: 1 })),
  'groups.groups': administrators(),
  'groups.operatorGroups': { ...administrators({ operator: 1 }) },
  'groups.operatorGroupsSave': posted(administrators({ operator: 1 })),
  'handover.links': sight,
  'handover.redirect': sight,
  'handover.redirectPost': posted(sight),
  'invitation.frame': everybody('shows an invitation to whoever brings its ticket, or was invited by this browser'),
  'invitation.invite': operators({ visitor: 1 }),
  'invitation.invitePost': posted(operators({ visitor: 1 })),
  'invitation.ruleAdd': administrators(),
  'invitation.ruleCreate': posted(administrators()),
  'invitation.ruleDelete': administrators({ rule: 1 }),
  'invitation.ruleDeleteSubmit': posted(administrators({ rule: 1 })),
  'invitation.ruleEdit': administrators({ rule: 1 }),
  'invitation.ruleMove': posted(administrators({ rule: 1, direction: 'up' })),
  'invitation.ruleSave': posted(administrators({ rule: 1 })),
  'invitation.rules': administrators(),
  'invitation.sound': everybody('a sound'),
  'invitation.statistics': { ...operators(), right: 'statistics' },
  'leave-message.answer': posted(leftMessage, { message: 'answer' }),
  'leave-message.done': posted(leftMessage),
  'leave-message.item': leftMessage,
  'leave-message.list': operators(),
  'leave-message.plain': everybody('leaves a message of the browser that asks'),
  'leave-message.reopen': posted(leftMessage),
  'leave-message.sent': everybody('says thank you'),
  'mailer.discard': posted(administrators({ id: 1 })),
  'mailer.logged': administrators(),
  'mailer.outbox': administrators(),
  'mailer.retry': posted(administrators({ id: 1 })),
  'mailer.sent': administrators(),
  'mailer.template': administrators({ name: 'leave_message' }),
  'mailer.templateSave': posted(administrators({ name: 'leave_message' })),
  'mailer.templates': administrators(),
  'mailer.test': posted(administrators()),
  'mailer.waiting': administrators(),
  'rating.page': { ...owner, later: true },
  'rating.ratings': operators(),
  'rating.save': { ...posted(owner, { score: '5' }), later: true },
  'survey.fieldAdd': administrators(),
  'survey.fieldCreate': posted(administrators()),
  'survey.fieldDelete': administrators({ field: 1 }),
  'survey.fieldDeleteSubmit': posted(administrators({ field: 1 })),
  'survey.fieldEdit': administrators({ field: 1 }),
  'survey.fieldMove': posted(administrators({ field: 1, direction: 'up' })),
  'survey.fieldSave': posted(administrators({ field: 1 })),
  'survey.fields': administrators(),
  'survey.survey': everybody('begins a conversation of the browser that asks'),
  'thread-log.messages': sightById,
  'thread-log.thread': sightById,
  'thread-log.user': operators({ user: 'nobody' }),
  'tracking.userTrack': sightOfThread,
  'transcript.mail': owner,
  'transcript.send': posted(owner, { email: 'vera@example.com' }),
  'transcript.file': owner,
  'transcript.operator': sight,

  'demo.page': everybody('a page to try the product on'),
  'locales.dictionary': everybody('texts of the product'),
  'operators.login': everybody('a form'),
  'operators.loginSubmit': everybody('is how one becomes somebody'),
  'operators.logout': operators(),
  'operators.logoutSubmit': posted(operators()),
  'operators.operatorAdd': administrators(),
  'operators.operatorAddSave': posted(administrators()),
  'operators.operatorAvatar': administrators({ operator: 1 }),
  'operators.operatorAvatarDelete': administrators({ operator: 1 }),
  'operators.operatorAvatarDeleteSubmit': posted(administrators({ operator: 1 })),
  'operators.operatorAvatarSave': posted(administrators({ operator: 1 })),
  'operators.operatorDelete': administrators({ operator: 1 }),
  'operators.operatorDeleteSubmit': posted(administrators({ operator: 1 })),
  'operators.operatorDisable': administrators({ operator: 1 }),
  'operators.operatorDisableSubmit': posted(administrators({ operator: 1 })),
  'operators.operatorEdit': administrators({ operator: 1 }),
  'operators.operatorEditSave': posted(administrators({ operator: 1 })),
  'operators.operatorEnable': administrators({ operator: 1 }),
  'operators.operatorEnableSubmit': posted(administrators({ operator: 1 })),
  'operators.operatorPermissions': administrators({ operator: 1 }),
  'operators.operatorPermissionsSave': posted(administrators({ operator: 1 })),
  'operators.operators': administrators(),
  'operators.picture': everybody('pictures of operators, as their visitors see them'),
  'recovery.ask': everybody('asks for a link, and tells nothing'),
  'recovery.askSubmit': everybody('sends a link to its owner, and tells nobody else'),
  'recovery.reset': everybody('a link that is good once, by its own token'),
  'recovery.resetSubmit': everybody('a link that is good once, by its own token'),
  'routing.rules': administrators(),
  'routing.rulesSave': posted(administrators()),
  'undo.restore': posted(operators({ id: 1 })),
  'users.gateway': everybody('judges each call by itself: see the functions'),
  'users.workspace': operators(),
  'users.manifest': everybody('name and icons of the workspace as an app'),
  'users.worker': everybody('a script that is the same for all'),
  'views.asset': everybody('files of the product'),
  'widget.buttonCode': administrators(),
  'widget.codePreview': administrators(),
  'widget.button': everybody('a picture'),
  'widget.compat': everybody('scripts'),
  'widget.chat': everybody('addresses of scripts'),
  'widget.launcher': everybody('a script'),
  'widget.part': everybody('a script'),
  'widget.gateway': everybody('hears pages, and knows a visitor by the secret that they bring'),
};

export type FunctionRule =
  | Everybody
  /** About a conversation: its owner as `user: true`, an operator who sees it as `user: false`. */
  | { readonly who: 'thread'; readonly sides: readonly boolean[]; readonly args?: Readonly<Record<string, unknown>> }
  /** About the operator who calls. */
  | { readonly who: 'self'; readonly args?: Readonly<Record<string, unknown>> }
  /** The operator names a conversation; it has to be in his sight. */
  | { readonly who: 'sight'; readonly args: (ref: Ref) => Readonly<Record<string, unknown>> };

const bothSides = [true, false];

export const functions: Readonly<Record<string, FunctionRule>> = {
  'thread.update': { who: 'thread', sides: bothSides, args: { typed: false } },
  'thread.updateMessages': { who: 'thread', sides: bothSides, args: { lastId: 0 } },
  'thread.post': { who: 'thread', sides: bothSides, args: { message: 'hello' } },
  'thread.rename': { who: 'thread', sides: [true], args: { name: 'Vera' } },
  'thread.close': { who: 'thread', sides: bothSides },
  'thread.getAvatar': { who: 'thread', sides: bothSides },
  'thread.start': everybody('begins a conversation of the visitor who calls'),
  'thread.take': { who: 'thread', sides: [false] },
  'thread.active': { who: 'thread', sides: [false] },

  'thread.open': everybody('begins a conversation of the visitor who calls'),
  'thread.processSurvey': everybody('begins a conversation of the visitor who calls'),
  'thread.processLeaveMessage': everybody('leaves a message of the visitor who calls'),
  'thread.options': { who: 'thread', sides: bothSides },
  'thread.operatorsOnline': everybody('says whether somebody is there, as the button does'),
  'thread.mailTranscript': { who: 'thread', sides: [true], args: { email: 'vera@example.com' } },
  'thread.transcript': { who: 'thread', sides: [true], args: { format: 'text' } },
  'thread.position': { who: 'thread', sides: [true] },
  'thread.seen': { who: 'thread', sides: bothSides, args: { delivered: 1, read: 1 } },
  'thread.preview': { who: 'thread', sides: [true], args: { text: 'typed' } },
  'thread.previewed': { who: 'thread', sides: [false] },
  'thread.rating': { who: 'thread', sides: [true] },
  'thread.rate': { who: 'thread', sides: [true], args: { score: 5 } },
  'thread.redirectTargets': { who: 'thread', sides: [false] },
  'thread.widgetContact': everybody('hears a page, and knows a visitor by the secret that it brings'),
  'thread.redirect': { who: 'thread', sides: [false], args: { agent: 1 } },

  'widget.widgetContact': everybody('hears a page, and knows a visitor by the secret that it brings'),

  'users.update': { who: 'self' },
  'users.currentTime': { who: 'self' },
  'users.updateThreads': { who: 'self', args: { revision: 0 } },
  'users.updateOperators': { who: 'self' },
  'users.threadFacts': { who: 'sight', args: ({ id }) => ({ thread: id }) },
  'users.earlierThreads': { who: 'sight', args: ({ id }) => ({ thread: id }) },
  'users.leftMessages': { who: 'self' },
  'users.visitorNotes': { who: 'sight', args: ({ id }) => ({ thread: id }) },
  'users.addVisitorNote': { who: 'sight', args: ({ id }) => ({ thread: id, text: 'a note' }) },
  'users.changeVisitorNote': { who: 'sight', args: ({ id }) => ({ thread: id, note: 1, text: 'new', seen: 'a note' }) },
  'users.deleteVisitorNote': { who: 'sight', args: ({ id }) => ({ thread: id, note: 1 }) },
  'users.restoreVisitorNote': { who: 'sight', args: ({ id }) => ({ thread: id, undo: 1 }) },
  'users.surveyFields': { who: 'sight', args: ({ id }) => ({ thread: id }) },
  'users.updateVisitors': { who: 'self' },
  'users.visitorTrack': { who: 'sight', args: ({ id }) => ({ thread: id }) },
  'users.away': { who: 'self' },
  'users.available': { who: 'self' },
  'users.invisible': { who: 'self' },
  'users.inviteVisitor': { who: 'self', args: { visitor: 1 } },
  'users.cancelInvitation': { who: 'self', args: { visitor: 1 } },
  'users.active': { who: 'self' },
};
