/** The picture of an operator: its page, and the file as visitors get it. */
import type { Context } from 'hono';
import { OperatorError, type Operator, type OperatorIssue, type OperatorSession } from './api.ts';
import { aboutOperator, frameOf, noticeOf, questionOf, wordsOf, type PagesNeeds } from './pages.ts';
import type { Pictures } from './pictures.ts';

export interface AvatarNeeds extends PagesNeeds {
  readonly pictures: Pick<Pictures, 'read'>;
  /** Setting `max_uploaded_file_size`. */
  readonly mostBytes: () => number;
}

const year = 365 * 24 * 3_600;

export function createAvatarPages(needs: AvatarNeeds) {
  const { operators, views, addresses } = needs;

  const show = async (
    context: Context,
    operator: Operator,
    session: OperatorSession,
    issues?: readonly OperatorIssue[],
  ): Promise<Response> => {
    const kilobytes = Math.floor(needs.mostBytes() / 1_000);
    return views.page(
      context,
      'operators/operator_avatar',
      {
        ...frameOf(context, needs, operator, session, 'operators.operatorAvatar'),
        mayEdit: operators.mayEdit(session.operator, operator.id),
        error: wordsOf(context, needs, issues, 'avatar', { most: kilobytes }),
        most: kilobytes,
        action: addresses.url('operators.operatorAvatarSave', { operator: operator.id }),
        remove: addresses.url('operators.operatorAvatarDelete', { operator: operator.id }),
        permissions: addresses.url('operators.operatorPermissions', { operator: operator.id }),
        created: context.req.query('created') === '1',
        ...(issues === undefined && noticeOf(context, needs, 'created', 'saved', 'removed')),
      },
      { status: issues ? 422 : 200 },
    );
  };

  const save = async (context: Context, operator: Operator, session: OperatorSession): Promise<Response> => {
    const most = needs.mostBytes();
    const form = await operators.upload(context, session, 'avatarFile', most);
    const wrong = (code: OperatorIssue['code']) => show(context, operator, session, [{ field: 'avatar', code }]);
    if (!form.ok) return form.code === 'FORM_TOO_LARGE' ? wrong('too_large') : form.response;
    if (!form.file) return wrong('required');
    try {
      await operators.setAvatar(operator.id, form.file, { by: session.operator });
    } catch (error) {
      if (!(error instanceof OperatorError) || error.issues.length === 0) throw error;
      return show(context, operator, session, error.issues);
    }
    return context.redirect(addresses.url('operators.operatorAvatar', { operator: operator.id, saved: 1 }), 302);
  };

  const ask = async (context: Context, operator: Operator, session: OperatorSession): Promise<Response> =>
    views.page(context, 'operators/operator_confirm', {
      ...frameOf(context, needs, operator, session, 'operators.operatorAvatar'),
      ...questionOf(context, needs, 'removeAvatar', operator.name),
      danger: true,
      action: addresses.url('operators.operatorAvatarDeleteSubmit', { operator: operator.id }),
      back: addresses.url('operators.operatorAvatar', { operator: operator.id }),
    });

  const remove = async (context: Context, operator: Operator, session: OperatorSession): Promise<Response> => {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    await operators.setAvatar(operator.id, undefined, { by: session.operator });
    return context.redirect(addresses.url('operators.operatorAvatar', { operator: operator.id, removed: 1 }), 302);
  };

  return {
    show: aboutOperator(needs, (context, operator, session) => show(context, operator, session)),
    save: aboutOperator(needs, save),
    ask: aboutOperator(needs, ask),
    remove: aboutOperator(needs, remove),
    /** For everybody: visitors see who talks with them. Whatever it turns out to be, no browser runs it. */
    file: async (context: Context): Promise<Response> => {
      const picture = await needs.pictures.read(context.req.param('file') ?? '');
      if (!picture) return context.text('', 404);
      return context.body(picture.bytes, 200, {
        'content-type': picture.type,
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        // Windows stand on the pages of others.
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': `public, max-age=${year}, immutable`,
      });
    },
  };
}
