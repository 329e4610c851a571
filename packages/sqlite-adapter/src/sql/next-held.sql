select seq from jobport_held where queue = ? and group_key = ? order by seq limit 1
