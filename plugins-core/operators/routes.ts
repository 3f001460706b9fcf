/** The pages about operators, at the original's addresses. */
import { open, type RouteSpec } from '../../kernel/plugin.ts';
import { loggedIn, operatorRoute, withPermission, type OperatorsService } from './api.ts';
import { createAvatarPages, type AvatarNeeds } from './avatar-page.ts';
import { createListPage, type ListNeeds } from './list-page.ts';
import { createPermissionPages } from './permissions-page.ts';
import { createProfilePages } from './profile-page.ts';
import { createStandingPages } from './standing-page.ts';

const list = '/operator/operator';
const one = `${list}/:operator{[0-9]{1,10}}`;
/** Where pictures are, below the base. */
export const picturesPath = '/files/avatar';

export function operatorRoutes(needs: ListNeeds & AvatarNeeds & { readonly operators: OperatorsService }): RouteSpec[] {
  const administrators = operatorRoute(needs.operators, withPermission('admin'));
  // For himself, too: the page asks whose it is, and the service whether he may change it.
  const himself = operatorRoute(needs.operators, loggedIn);
  const profile = createProfilePages(needs);
  const permissions = createPermissionPages(needs);
  const avatar = createAvatarPages(needs);
  const standing = createStandingPages(needs);
  return [
    administrators('operators', 'GET', list, createListPage(needs)),
    administrators('operatorAdd', 'GET', `${list}/add`, profile.add),
    administrators('operatorAddSave', 'POST', `${list}/add`, profile.addSave),
    himself('operatorEdit', 'GET', `${one}/edit`, profile.edit),
    himself('operatorEditSave', 'POST', `${one}/edit`, profile.editSave),
    himself('operatorPermissions', 'GET', `${one}/permissions`, permissions.show),
    administrators('operatorPermissionsSave', 'POST', `${one}/permissions`, permissions.save),
    himself('operatorAvatar', 'GET', `${one}/avatar`, avatar.show),
    himself('operatorAvatarSave', 'POST', `${one}/avatar`, avatar.save),
    himself('operatorAvatarDelete', 'GET', `${one}/avatar/delete`, avatar.ask),
    himself('operatorAvatarDeleteSubmit', 'POST', `${one}/avatar/delete`, avatar.remove),
    administrators('operatorEnable', 'GET', `${one}/enable`, standing.enable.ask),
    administrators('operatorEnableSubmit', 'POST', `${one}/enable`, standing.enable.submit),
    administrators('operatorDisable', 'GET', `${one}/disable`, standing.disable.ask),
    administrators('operatorDisableSubmit', 'POST', `${one}/disable`, standing.disable.submit),
    administrators('operatorDelete', 'GET', `${one}/delete`, standing.remove.ask),
    administrators('operatorDeleteSubmit', 'POST', `${one}/delete`, standing.remove.submit),
    {
      name: 'picture',
      method: 'GET',
      path: `${picturesPath}/:file{[0-9a-z.-]{1,48}}`,
      access: open,
      handler: avatar.file,
    },
  ];
}
