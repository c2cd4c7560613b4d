-- Run once by the image of PostgreSQL, as its superuser. The passwords are read inside of the container and stand in no list of processes.
\set password `cat /run/secrets/owner-password`
CREATE ROLE gatehouse_owner LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE gatehouse OWNER gatehouse_owner TEMPLATE template0 ENCODING 'UTF8';
\set reader `cat /run/secrets/backup-password`
CREATE ROLE gatehouse_backup LOGIN BYPASSRLS PASSWORD :'reader' IN ROLE pg_read_all_data;
