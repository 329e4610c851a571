select min(gone_at) from jobport_endings
