select seq from jobport_heads where queue = ? and group_key = ?
