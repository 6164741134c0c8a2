from dotenv import load_dotenv
from flask import Flask
from kinde_sdk import OAuth

load_dotenv("tenant.env")
app = Flask(__name__)
oauth = OAuth(framework="flask", app=app, redirect_uri="http://localhost:3000/callback")


@app.get("/")
def home():
    if not oauth.is_authenticated():
        return '<a href="/login">Sign in</a>'
    return f"Hello, {oauth.get_user_info()['given_name']}"


app.run(port=3000)
