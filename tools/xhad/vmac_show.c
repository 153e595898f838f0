// SPDX-License-Identifier: GPL-2.0-only
#include "show.h"
#include "vmac_show.h"

/**
 * xha_vmac_show - what an election's VIPs answer with
 * @o: gets virtual_mac, the one that belongs to the election, use_bia, which
 *	says that it is not used, and vip_interface, where the VIPs are
 * @sb: the election's configuration
 * @vmac: its macvlan, if it has one
 */
void xha_vmac_show(struct json_object *o, const struct xha_conf_standby *sb,
		   const struct xha_vmac *vmac)
{
	__u8 mac[6];

	xha_vmac_mac(sb, mac);
	show_mac(o, "virtual_mac", mac);
	show_bool(o, "use_bia", sb->use_bia);
	show_str(o, "vip_interface",
		 sb->use_bia ? sb->interface : vmac->ifname);
}
