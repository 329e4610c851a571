select min(rank) from jobport_ready where queue = ? and rank > ?
