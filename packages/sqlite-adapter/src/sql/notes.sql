select errors, progress, logs from jobport_notes where seq = ?
