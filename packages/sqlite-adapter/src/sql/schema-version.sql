select value from jobport_meta where key = 'schema'
