create table jobport_meta (key text primary key, value) without rowid
