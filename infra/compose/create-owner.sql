-- Run once by the image of PostgreSQL, as its superuser. The password is read inside of the container and stands in no list of processes.
\set password `cat /run/secrets/owner-password`
CREATE ROLE gatehouse_owner LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE gatehouse OWNER gatehouse_owner TEMPLATE template0 ENCODING 'UTF8';
