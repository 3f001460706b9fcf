window.greeterWords = { hello: 'Welcome to' };
