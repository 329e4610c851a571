select nextval(pg_get_serial_sequence('files', 'id'))::integer as id
