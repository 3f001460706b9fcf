ALTER TABLE `mailer_mail` ADD `cause` varchar(32) DEFAULT 'other' NOT NULL;
