CREATE TABLE notes (
    name VARCHAR(64) NOT NULL,
    value VARCHAR(200) NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (name)
);
CREATE TABLE people (
    id INTEGER NOT NULL,
    channel VARCHAR(20) NOT NULL,
    name VARCHAR(64) NOT NULL,
    language VARCHAR(2),
    since DATETIME NOT NULL,
    CONSTRAINT pk_people PRIMARY KEY (id),
    CONSTRAINT uq_people_channel UNIQUE (channel, name)
);
